using System.Globalization;
using MicroSpark.Memory;
using MicroSpark.Stopping;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// Finds the task that takes the process's memory, since the budget counts the engine's tables and blocks and not what a lambda holds. The
/// runtime does not tell which thread an object belongs to. What it tells is what a thread has allocated, and that is the most that its
/// task can hold. So:
/// <list type="number">
/// <item>When a whole collection leaves the heap nearly full, the running task that has allocated most is stopped, if it is more than a
/// task's share. Only one at a time.</item>
/// <item>What it has held shows when it has ended: a collection frees it. Was it a share or more, the task has failed, and the error says
/// why. Else it was busy, not large: it is given back, and is tried again without a count.</item>
/// <item>An <see cref="OutOfMemoryException"/> hits whoever asks next. A task that has allocated less than a share, or less than another
/// one that runs, is given back, and the other one is stopped. But not for ever: after some in a row it fails.</item>
/// </list>
/// </summary>
/// <remarks>
/// Its limit: the count is taken when a task's loop goes on to its next run. A lambda that fills the memory within one element is not seen
/// before, and could not be stopped. It ends by the exception, when the process has a limit (a container, or DOTNET_GCHeapHardLimit).
/// </remarks>
internal sealed class MemoryGuard(ProcessHeap heap)
{
    /// <summary>The part of the limit, in percent, above which what is alive is too much.</summary>
    private const int FullPercent = 85;

    /// <summary>Tasks given back between two that succeed.</summary>
    private const int MostGivenBack = 8;

    private readonly Lock _gate = new();
    private readonly List<Watched> _running = [];
    private Watched? _stopping;
    private int _givenBack;

    /// <summary>One for all silos of the process: they share its heap.</summary>
    public static MemoryGuard OfProcess { get; } = Start();

    /// <summary>A task begins, on the calling thread.</summary>
    public Watched Begin(TaskProgress progress)
    {
        var watched = new Watched(progress);
        lock (_gate)
        {
            _running.Add(watched);
        }

        return watched;
    }

    /// <summary>A collection of all generations is over.</summary>
    public void AfterCollection()
    {
        var (live, limit) = heap.Read();
        if (live > limit / 100 * FullPercent)
        {
            lock (_gate)
            {
                Stop(Largest(), live, limit);
            }
        }
    }

    /// <summary>The task has ended and holds nothing any more. By its thread.</summary>
    /// <returns>How it ended, as far as memory is why.</returns>
    public TaskOutcome End(Watched task, TaskOutcome outcome)
    {
        // Its own thread knows exactly.
        task.Progress.Count(0);
        bool stopped;
        lock (_gate)
        {
            _running.Remove(task);
            stopped = task == _stopping;
            _stopping = stopped ? null : _stopping;
            _givenBack = outcome is TaskOutcome.Succeeded ? 0 : _givenBack;
        }

        return outcome is not TaskOutcome.Failed failed ? outcome
            : stopped ? EndStopped(task, failed)
            : IsOutOfMemory(failed.Error) ? EndOutOfMemory(task, failed)
            : outcome;
    }

    private TaskOutcome EndStopped(Watched task, TaskOutcome.Failed failed)
    {
        var freed = task.LiveWhenStopped - heap.Collect();
        var (_, limit) = heap.Read();
        lock (_gate)
        {
            return freed < task.ShareWhenStopped && _givenBack < MostGivenBack
                ? GiveBack(failed)
                : failed with
                {
                    Error = failed.Error with
                    {
                        TypeName = typeof(InsufficientMemoryException).FullName!,
                        Message = TooMuch(task, freed, limit),
                        EncodedException = null,
                        Inner = null,
                    },
                };
        }
    }

    private TaskOutcome EndOutOfMemory(Watched task, TaskOutcome.Failed failed)
    {
        var (_, limit) = heap.Read();
        lock (_gate)
        {
            var largest = Largest();
            var isLargest = largest is null || (task.Allocated >= Share(limit) && task.Allocated >= largest.Allocated);
            if (isLargest || _givenBack == MostGivenBack)
            {
                return failed;
            }

            // Others that run hold more, or may.
            Stop(largest, limit, limit);
            return GiveBack(failed);
        }
    }

    private static MemoryGuard Start()
    {
        var guard = new MemoryGuard(new ProcessHeap());
        ProcessHeap.OnFullCollection(guard.AfterCollection);
        return guard;
    }

    private static bool IsOutOfMemory(TaskFailure? failure)
    {
        for (; failure is not null; failure = failure.Inner)
        {
            if (failure.TypeName == typeof(OutOfMemoryException).FullName)
            {
                return true;
            }
        }

        return false;
    }

    private static string TooMuch(Watched task, long freed, long limit) => string.Create(
        CultureInfo.InvariantCulture,
        $"The task was stopped before it took the whole process with it: it had allocated {task.Allocated >> 20:N0} MB and held about "
        + $"{Math.Max(0, freed) >> 20:N0} MB of the {limit >> 20:N0} MB that there are. Let the function hold less at once, or use more "
        + $"partitions.");

    private TaskOutcome.Cancelled GiveBack(TaskOutcome outcome)
    {
        _givenBack++;
        return new TaskOutcome.Cancelled(outcome.Partition, outcome.Attempt);
    }

    /// <summary>Half of what there is in equal parts, as the budget has it.</summary>
    private long Share(long limit) => limit / (2 * Math.Max(1, _running.Count));

    private Watched? Largest()
    {
        Watched? largest = null;
        foreach (var task in _running)
        {
            largest = largest is null || task.Allocated > largest.Allocated ? task : largest;
        }

        return largest;
    }

    private void Stop(Watched? task, long live, long limit)
    {
        if (_stopping is null && task is not null && Share(limit) is var share && task.Allocated >= share)
        {
            _stopping = task;
            (task.LiveWhenStopped, task.ShareWhenStopped) = (live, share);
            task.Progress.StopForMemory();
        }
    }

    /// <summary>A task that runs.</summary>
    internal sealed class Watched(TaskProgress progress)
    {
        public TaskProgress Progress => progress;

        public long Allocated => progress.Allocated;

        /// <summary>Bytes that were alive, and a task's share of all, when it was stopped.</summary>
        public long LiveWhenStopped { get; set; }

        public long ShareWhenStopped { get; set; }
    }
}
