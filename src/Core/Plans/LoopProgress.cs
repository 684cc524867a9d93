using System.Runtime.CompilerServices;
using MicroSpark.Files;
using MicroSpark.Stopping;

namespace MicroSpark.Plans;

/// <summary>
/// How far a loop is, and how far it may go: its elements come in runs, and between two it looks whether to stop. A run begins with one
/// element and doubles while it takes less than a millisecond, so that a task which is slow is counted often, and one which is fast hardly
/// ever looks. Elements may become slow all at once: then the run's end is lowered (see <see cref="LoopEnd"/>).
/// </summary>
internal sealed class LoopProgress(TaskProgress task) : LoopEnd
{
    /// <summary>Elements of the longest run.</summary>
    public const int LongestRun = 65_536;

    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_long = TimeSpan.FromMilliseconds(2);

    private int _limit = 1;
    private int _run;
    private long _looked;
    private int _sinceLooked;

    /// <summary>
    /// Position of the current element in the partition's source, or among the words when the loop reads <see cref="Words"/>.
    /// </summary>
    public long Index;

    /// <summary>What the loop reads instead of lines.</summary>
    public WordReader? Words;

    /// <summary>Position of the first element of the run that a loop is handed.</summary>
    public long Base;

    /// <summary>The operator at work, by its place in the chain; -1 before the first.</summary>
    public int Operator = -1;

    /// <summary>The task that the loop is part of.</summary>
    public TaskProgress Task { get; } = task;

    /// <summary>Position of the current element in the partition's source.</summary>
    public long SourceIndex => Words?.LineOf(Index) ?? Index;

    /// <summary>The loop is about to begin, or to go on with more input.</summary>
    public void Enter() => Task.Push(this);

    /// <summary>The loop has ended, or waits for more input.</summary>
    public void Exit()
    {
        Task.Pop(this);
        Task.Count(_run);
        _run = 0;
    }

    /// <summary>Called between two runs: what comes next is the engine's, until <see cref="Begin"/>.</summary>
    /// <returns>Elements that the next run may have.</returns>
    /// <exception cref="OperationCanceledException">The task is to end.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Look()
    {
        Task.ToEngine();
        Task.Count(_run);
        _sinceLooked += _run;
        _run = 0;

        // Runs that are short because their reader had no more need no clock.
        if (_sinceLooked >= _limit / 2)
        {
            Adapt();
        }

        Task.ThrowIfStopped();
        return _limit;
    }

    /// <summary>Begins a run of so many elements: what comes next is user code.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Begin(int elements)
    {
        _run = elements;

        // Seen by others before this thread looks whether to stop: see TaskProgress.Stop.
        Interlocked.Exchange(ref End, elements);
        if (Task.Stopped)
        {
            End = 0;
        }

        Task.ToUserCode();
    }

    /// <summary><see cref="Look"/> and <see cref="Begin"/> for a loop that reads nothing and has so many elements left.</summary>
    /// <returns>The elements of the run.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int BeginNext(long left)
    {
        var elements = (int)Math.Min(Look(), left);
        Begin(elements);
        return elements;
    }

    /// <summary>
    /// <see cref="BeginNext"/> for a loop of plain arithmetic: its longest run is over at once, so it needs no clock, and it never waits,
    /// so it is the engine's.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int BeginBrief(long left)
    {
        Task.ThrowIfStopped();
        var elements = left < LongestRun ? (int)left : LongestRun;
        Task.Count(elements);
        return elements;
    }

    /// <inheritdoc cref="TaskProgress.ThrowIfStopped"/>
    public void ThrowIfStopped() => Task.ThrowIfStopped();

    private void Adapt()
    {
        var now = Task.Now;
        if (_sinceLooked > 0)
        {
            var took = Task.Since(_looked, now);
            _limit = took < s_short ? Math.Min(LongestRun, _limit * 2) : took > s_long ? Math.Max(1, _limit / 2) : _limit;
        }

        (_looked, _sinceLooked) = (now, 0);
    }
}
