using MicroSpark.Engine;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Sources;
using MicroSpark.Stopping;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Engine;

/// <summary>Who is charged when the process runs short of memory. The heap is a number that the test sets; a limit of 10 MB.</summary>
public sealed class MemoryGuardTests : IDisposable
{
    private const long Limit = 10 << 20;

    private static readonly Action[] s_collect = new Action[1];
    private readonly FakeHeap _heap = new();
    private readonly MemoryGuard _guard;
    private readonly List<TaskProgress> _tasks = [];

    public MemoryGuardTests() => _guard = new MemoryGuard(_heap);

    public void Dispose() => _tasks.ForEach(static task => task.Dispose());

    [Fact]
    public void While_the_heap_has_room_nobody_is_stopped()
    {
        var large = Task(6 << 20);
        _heap.Live = 8 << 20;
        _guard.AfterCollection();
        Assert.False(large.Progress.Stopped);
    }

    [Fact]
    public void The_task_that_has_allocated_most_is_stopped_and_fails_with_what_it_held()
    {
        var (small, large) = (Task(1 << 20), Task(6 << 20));
        _heap.Live = 9 << 20;
        _guard.AfterCollection();
        Assert.True(large.Progress.Stopped);
        Assert.False(small.Progress.Stopped);

        // One at a time: perhaps that is enough.
        _guard.AfterCollection();
        Assert.False(small.Progress.Stopped);

        _heap.Live = 2 << 20;
        var failed = Assert.IsType<TaskOutcome.Failed>(_guard.End(large, Failed(new OperationCanceledException())));
        Assert.Equal(typeof(InsufficientMemoryException).FullName, failed.Error.TypeName);
        Assert.Contains("held about 7 MB of the 10 MB", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_that_was_busy_and_held_nothing_is_given_back_and_the_next_one_is_stopped()
    {
        var (holds, busy) = (Task(5 << 20), Task(6 << 20));
        _heap.Live = 9 << 20;
        _guard.AfterCollection();
        Assert.True(busy.Progress.Stopped);
        Assert.IsType<TaskOutcome.Cancelled>(_guard.End(busy, Failed(new OperationCanceledException())));

        _guard.AfterCollection();
        Assert.True(holds.Progress.Stopped);
        _heap.Live = 4 << 20;
        Assert.IsType<TaskOutcome.Failed>(_guard.End(holds, Failed(new OperationCanceledException())));
    }

    [Fact]
    public void Tasks_that_have_allocated_less_than_a_share_are_not_to_blame()
    {
        var (first, second) = (Task(1 << 20), Task(2 << 20));
        _heap.Live = Limit;
        _guard.AfterCollection();
        Assert.False(first.Progress.Stopped || second.Progress.Stopped);
    }

    [Fact]
    public void Out_of_memory_is_charged_to_the_task_that_has_most()
    {
        var (large, innocent) = (Task(6 << 20), Task(1 << 20));
        Assert.IsType<TaskOutcome.Cancelled>(_guard.End(innocent, Failed(new OutOfMemoryException())));
        Assert.True(large.Progress.Stopped);

        // It may meet the same exception on its way out.
        _heap.Live = 1 << 20;
        Assert.IsType<TaskOutcome.Failed>(_guard.End(large, Failed(new InvalidOperationException("", new OutOfMemoryException()))));
    }

    [Fact]
    public void The_largest_task_that_meets_it_itself_fails_as_it_is()
    {
        var (small, large) = (Task(1 << 20), Task(6 << 20));
        var failed = Failed(new OutOfMemoryException());
        Assert.Same(failed, _guard.End(large, failed));
        Assert.False(small.Progress.Stopped);
    }

    [Fact]
    public void A_task_that_runs_alone_fails_and_others_are_not_given_back_for_ever()
    {
        var alone = Task(1000);
        var failed = Failed(new OutOfMemoryException());
        Assert.Same(failed, _guard.End(alone, failed));

        // What fills the memory is no task's: each is as small as the other.
        var other = Task(1000);
        var given = 0;
        while (_guard.End(Task(1000), failed) is TaskOutcome.Cancelled)
        {
            given++;
        }

        Assert.InRange(given, 1, 20);
        Assert.Equal(failed.Error, ((TaskOutcome.Failed)_guard.End(Task(1000), failed)).Error);
        _guard.End(other, new TaskOutcome.Succeeded(0, AttemptId.New(), 0, 0, 0, 0, null));
        Assert.IsType<TaskOutcome.Succeeded>(_guard.End(Task(0), new TaskOutcome.Succeeded(0, AttemptId.New(), 0, 0, 0, 0, null)));
    }

    [Fact]
    public void Other_errors_stay_what_they_are()
    {
        var (one, two) = (Task(6 << 20), Task(6 << 20));
        var failed = Failed(new InvalidOperationException());
        Assert.Same(failed, _guard.End(one, failed));
        Assert.False(two.Progress.Stopped);
    }

    /// <summary>On a real slot: a function that keeps what it makes, element by element.</summary>
    [Fact]
    public async Task A_function_that_grows_a_list_is_stopped_and_named()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false, guard: _guard);
        var grown = Source.Range(runner, 0, long.MaxValue / 2, 1, 1).MapPartitions(Grow);

        // Written after the lambda is declared: one that reads what the test wrote before is refused.
        s_collect[0] = () =>
        {
            // As the collector would say of such a heap, and then without the list.
            _heap.Live = 9 << 20;
            _guard.AfterCollection();
            _heap.Live = 1 << 20;
        };
        var error = await Assert.ThrowsAnyAsync<Exception>(() => grown.CountAsync());
        Assert.Contains("stopped before it took the whole process with it", error.ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<long> Grow(IEnumerable<long> items)
    {
        var list = new List<byte[]>();
        foreach (var item in items)
        {
            list.Add(new byte[1000]);
            if (list.Count == 20_000)
            {
                s_collect[0]();
            }

            yield return item;
        }
    }

    private static TaskOutcome.Failed Failed(Exception e) => new(0, AttemptId.New(), TaskFailure.Of(e));

    /// <summary>A task of this thread that has allocated so much. Those that begin later count to the earlier ones, since the thread is one.</summary>
    private MemoryGuard.Watched Task(int bytes)
    {
        var progress = TaskProgress.Begin(TimeProvider.System, CancellationToken.None);
        _tasks.Add(progress);
        GC.KeepAlive(new byte[bytes]);
        progress.Count(1);
        return _guard.Begin(progress);
    }

    private sealed class FakeHeap : ProcessHeap
    {
        public long Live { get; set; }

        public override (long Live, long Limit) Read() => (Live, Limit);

        public override long Collect() => Live;
    }
}
