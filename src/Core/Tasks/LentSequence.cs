using System.Collections;
using System.Diagnostics.CodeAnalysis;
using MicroSpark.Stopping;

namespace MicroSpark.Tasks;

/// <summary>
/// A partition's sequence in the hands of asynchronous code. Behind an await that code is on another thread, while the task's own waits.
/// Reading it there runs the operators upstream, so that thread stands in for the task's for as long as one step takes. The task takes it
/// back when the function is done or the wait was interrupted: what goes on behind the task's back may not touch what the task has freed.
/// </summary>
internal sealed class LentSequence<T>(IEnumerable<T> items) : IEnumerable<T>
{
    private readonly Lock _gate = new();
    private readonly TaskStandIn _task = TaskStandIn.ForThisThread();
    private readonly List<IEnumerator<T>> _open = [];
    private bool _over;

    public IEnumerator<T> GetEnumerator() => new Enumerator(this);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>From here on nobody reads it. Waits for the step that another thread is at. By the task's thread.</summary>
    public void TakeBack()
    {
        // An interrupt must not end this wait: the other thread is still at work.
        using var section = TaskProgress.Current.Engine();
        lock (_gate)
        {
            _over = true;
            foreach (var open in _open)
            {
                open.Dispose();
            }

            _open.Clear();
        }
    }

    private sealed class Enumerator(LentSequence<T> owner) : IEnumerator<T>
    {
        private IEnumerator<T>? _items;

        [AllowNull]
        public T Current { get; private set; }

        object? IEnumerator.Current => Current;

        public bool MoveNext()
        {
            lock (owner._gate)
            {
                if (owner._over)
                {
                    throw new InvalidOperationException(
                        "The partition's sequence belongs to a task that is over. Await whatever reads it before the function ends.");
                }

                using var standIn = owner._task.Enter();
                if (_items is null)
                {
                    owner._open.Add(_items = owner.Begin());
                }

                if (!_items.MoveNext())
                {
                    return false;
                }

                Current = _items.Current;
                return true;
            }
        }

        public void Reset() => throw new NotSupportedException("A partition's sequence is read from its start by asking for it again.");

        public void Dispose()
        {
            lock (owner._gate)
            {
                if (_items is { } items && owner._open.Remove(items))
                {
                    using var standIn = owner._task.Enter();
                    items.Dispose();
                }
            }
        }
    }

    private IEnumerator<T> Begin() => items.GetEnumerator();
}
