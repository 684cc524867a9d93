using MicroSpark.Engine;
using MicroSpark.Plans;
using MicroSpark.Sources;
using MicroSpark.Stopping;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Engine;

/// <summary>
/// A cancelled task ends wherever it is, and its slot is free for the next one. Gates stand for long elements: what is shown is which element
/// is the last one, not how long it takes.
/// </summary>
public sealed class CancelTests
{
    public static TheoryData<bool> Modes => [true, false];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_loop_ends_with_the_element_at_work_even_after_a_million_cheap_ones(bool fused)
    {
        using var run = new CancelledRun(fused);
        var gate = run.Gate;
        await run.StopAtGateAsync(source => source.Range(2_000_000, 1).Map(x => Gate.Of(gate).Pass(x, x == 1_200_000)).SumAsync(run.Token));
        Assert.Equal(1_200_001, Gate.Of(gate).Passed);
        await run.ShowThatTheSlotIsFreeAsync();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_one_element_expands_to_ends_as_well(bool fused)
    {
        using var run = new CancelledRun(fused);
        var gate = run.Gate;
        await run.StopAtGateAsync(source => source.Range(1, 1)
            .FlatMap(_ => Endless(gate)).Filter(static x => x < 0).CountAsync(run.Token));
        Assert.Equal(1_001, Gate.Of(gate).Passed);
        await run.ShowThatTheSlotIsFreeAsync();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_array_that_one_element_expands_to_ends_as_well(bool fused)
    {
        using var run = new CancelledRun(fused);
        var gate = run.Gate;
        await run.StopAtGateAsync(source => source.Range(1, 1)
            .FlatMap(static _ => new long[100_000]).Map(x => Gate.Of(gate).Pass(x, Gate.Of(gate).Passed == 70_000)).SumAsync(run.Token));
        Assert.Equal(70_001, Gate.Of(gate).Passed);
        await run.ShowThatTheSlotIsFreeAsync();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_select_over_what_one_element_expands_to_ends_as_well(bool fused)
    {
        using var run = new CancelledRun(fused);
        var gate = run.Gate;
        await run.StopAtGateAsync(source => source.Range(1, 1)
            .FlatMap(_ => new long[1_000].Select(x => Gate.Of(gate).Pass(x, Gate.Of(gate).Passed == 700))).SumAsync(run.Token));
        Assert.Equal(701, Gate.Of(gate).Passed);
        await run.ShowThatTheSlotIsFreeAsync();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_combiner_is_the_last_one(bool fused)
    {
        using var run = new CancelledRun(fused);
        var gate = run.Gate;
        await run.StopAtGateAsync(source => source.Range(100_000, 1).Map(static x => (x % 3, x))
            .ReduceByKey((a, b) => Gate.Of(gate).Pass(a + b, Gate.Of(gate).Passed == 50_000)).CountAsync(run.Token));
        Assert.Equal(50_001, Gate.Of(gate).Passed);
        await run.ShowThatTheSlotIsFreeAsync();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_comparer_is_the_last_one(bool fused)
    {
        using var run = new CancelledRun(fused);
        var gate = run.Gate;
        await run.StopAtGateAsync(source => source.Range(10_000, 1).Map(static x => x * 7919 % 10_007)
            .SortBy(static x => x, comparer: new GatedComparer(gate, 20_000), partitions: 1).CountAsync(run.Token));
        Assert.Equal(20_001, Gate.Of(gate).Passed);
        await run.ShowThatTheSlotIsFreeAsync();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_users_iterator_is_pulled_no_more(bool fused)
    {
        using var run = new CancelledRun(fused);
        var gate = run.Gate;
        await run.StopAtGateAsync(source => source.Range(1, 1).MapPartitions(_ => Endless(gate)).Filter(static x => x < 0).CountAsync(run.Token));
        Assert.Equal(1_001, Gate.Of(gate).Passed);
        await run.ShowThatTheSlotIsFreeAsync();
    }

    [Theory]
    [InlineData(true, Wait.Sleep)]
    [InlineData(true, Wait.Event)]
    [InlineData(true, Wait.Lock)]
    [InlineData(false, Wait.Sleep)]
    [InlineData(false, Wait.Event)]
    [InlineData(false, Wait.Lock)]
    public async Task A_thread_that_waits_is_interrupted_after_a_second(bool fused, Wait wait)
    {
        using var run = new CancelledRun(fused);
        var gate = run.Gate;
        var job = run.Start(source => source.Range(10, 1).Map(x => Gate.Of(gate).WaitForEver(wait, x)).SumAsync(run.Token));
        await await Task.WhenAny(job, Gate.Of(gate).Reached);
        run.Cancel();
        run.Time.Advance(TaskStop.InterruptAfter - TimeSpan.FromMilliseconds(1));
        Assert.False(job.IsCompleted);
        run.Time.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job);
        Assert.Equal(0, run.Worker.GivenUp);
        await run.ShowThatTheSlotIsFreeAsync();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_endless_loop_is_given_up_after_five_seconds_and_its_slot_goes_on(bool fused)
    {
        using var run = new CancelledRun(fused);
        var gate = run.Gate;
        var named = new TaskCompletionSource<(GivenUpTask Task, int Number)>();
        run.Worker.GaveUp = (task, number) => named.SetResult((task, number));
        var job = run.Start(source => source.Range(10, 1).Map(x => Gate.Of(gate).Spin(x)).SumAsync(run.Token));
        await await Task.WhenAny(job, Gate.Of(gate).Reached);
        run.Cancel();
        run.Time.Advance(TaskStop.InterruptAfter);
        run.Time.Advance(TaskStop.GiveUpAfter - TaskStop.InterruptAfter - TimeSpan.FromMilliseconds(1));
        Assert.False(job.IsCompleted);
        run.Time.Advance(TaskStop.InterruptAgain);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job);
        var (task, number) = await named.Task;
        Assert.Equal(("Sum", 1), (task.Operator, number));
        Assert.Equal((1, 0), (run.Worker.GivenUp, run.Worker.SlotsBusy));
        Assert.False(run.Worker.Exhausted);
        await run.ShowThatTheSlotIsFreeAsync();

        // It is counted until it ends, which is told.
        var counted = new TaskCompletionSource<int>();
        run.Worker.CameBack = () => counted.SetResult(run.Worker.GivenUp);
        Gate.Of(gate).Open();
        Assert.Equal(0, await counted.Task);
    }

    [Fact]
    public async Task A_silo_with_as_many_tasks_given_up_as_slots_takes_no_more_and_says_so()
    {
        using var run = new CancelledRun(fused: true);
        var gate = run.Gate;
        var job = run.Start(source => source.Range(10, 2).Map(x => Gate.Of(gate).Spin(x)).SumAsync(run.Token));
        await Gate.UntilAsync(() => run.Worker.SlotsBusy == 2 && Gate.Of(gate).Spinning == 2);
        run.Cancel();
        run.Time.Advance(TaskStop.GiveUpAfter);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job);
        Assert.True(run.Worker.Exhausted);
        var refused = await Assert.ThrowsAsync<TaskFailedException>(() => run.Source.Range(10, 2).CountAsync());
        Assert.Contains("takes no more tasks: 2 tasks were cancelled and did not end", refused.Message);

        Gate.Of(gate).Open();
        await Gate.UntilAsync(() => run.Worker.GivenUp == 0);
        await run.ShowThatTheSlotIsFreeAsync();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_type_whose_initializer_was_interrupted_is_loaded_anew_for_the_next_job(bool fused)
    {
        // What is shared with code in another load context is the framework's.
        using var reached = new SemaphoreSlim(0);
        using var mayEnd = new ManualResetEventSlim();
        AppDomain.CurrentDomain.SetData(SlowType.ReachedName, reached);
        AppDomain.CurrentDomain.SetData(SlowType.MayEndName, mayEnd);
        using var run = new CancelledRun(fused, simulated: true);
        var job = run.Start(source => source.Range(10, 1).Map(static x => x + SlowType.Value).SumAsync(run.Token));
        await reached.WaitAsync();
        run.Cancel();
        run.Time.Advance(TaskStop.InterruptAfter);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job);
        mayEnd.Set();
        Assert.Equal(115, await run.Source.Range(10, 1).Map(static x => x + SlowType.Value).SumAsync());
    }

    private static class SlowType
    {
        public const string ReachedName = "CancelTests.Reached";
        public const string MayEndName = "CancelTests.MayEnd";

        public static readonly int Value = Make();

        private static int Make()
        {
            ((SemaphoreSlim)AppDomain.CurrentDomain.GetData(ReachedName)!).Release();
            ((ManualResetEventSlim)AppDomain.CurrentDomain.GetData(MayEndName)!).Wait();
            return 7;
        }
    }

    [Fact]
    public async Task Progress_is_read_while_a_task_runs()
    {
        using var run = new CancelledRun(fused: true);
        var gate = run.Gate;
        var progress = new TaskCompletionSource<TaskProgress>();
        Gate.Of(gate).OnPass = () => progress.TrySetResult(TaskProgress.Current);
        await run.StopAtGateAsync(
            source => source.Range(100_000, 1).Map(x => Gate.Of(gate).Pass(x, x == 90_000)).SumAsync(run.Token),
            () =>
            {
                // All runs but the one at work are counted, on manual time in which each is short.
                var elements = progress.Task.Result.Elements;
                Assert.InRange(elements, 90_000 - LoopProgress.LongestRun, 90_000);
            });
    }

    private static IEnumerable<long> Endless(string gate)
    {
        for (var i = 0L; ; i++)
        {
            yield return Gate.Of(gate).Pass(i, i == 1_000);
        }
    }

    public enum Wait
    {
        Sleep,
        Event,
        Lock,
    }

    private sealed class GatedComparer(string gate, int at) : IComparer<long>
    {
        public int Compare(long x, long y) =>
            (int)Gate.Of(gate).Pass(x.CompareTo(y), Gate.Of(gate).Passed == at);
    }

    /// <summary>Where user code says how far it is, and is held. Found by name: what a lambda captures is copied.</summary>
    private sealed class Gate
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _open = new();
        private readonly object _lock = new();
        private int _spinning;

        public int Passed { get; private set; }

        public int Spinning => Volatile.Read(ref _spinning);

        public Task Reached => _reached.Task;

        public Action? OnPass { get; set; }

        // A static field of ours that tests and tasks write would be refused, and rightly: on a cluster each process has its own.
        public static Gate Of(string name) => (Gate)AppDomain.CurrentDomain.GetData(name)!;

        public static async Task UntilAsync(Func<bool> holds)
        {
            while (!holds())
            {
                await Task.Yield();
            }
        }

        public void Open() => _open.Set();

        public long Pass(long x, bool hold)
        {
            Passed++;
            if (hold)
            {
                OnPass?.Invoke();
                _reached.SetResult();
                _open.Wait();
            }

            return x;
        }

        public long Spin(long x)
        {
            Interlocked.Increment(ref _spinning);
            _reached.TrySetResult();
            while (!_open.IsSet)
            {
            }

            return x;
        }

        public long WaitForEver(Wait wait, long x)
        {
            switch (wait)
            {
                case Wait.Sleep:
                    _reached.TrySetResult();
                    Thread.CurrentThread.Join(Timeout.Infinite);
                    break;
                case Wait.Event:
                    _reached.TrySetResult();
                    _open.Wait();
                    break;
                default:
                    var held = new TaskCompletionSource();
                    _ = Task.Run(() =>
                    {
                        lock (_lock)
                        {
                            held.SetResult();
                            _open.Wait();
                        }
                    });
                    held.Task.GetAwaiter().GetResult();
                    _reached.TrySetResult();
                    lock (_lock)
                    {
                    }

                    break;
            }

            return x;
        }
    }

    /// <summary>One worker with two slots on manual time, and a job that is cancelled.</summary>
    private sealed class CancelledRun : IDisposable
    {
        private readonly LocalRunner _runner;
        private readonly CancellationTokenSource _cancel = new();

        public CancelledRun(bool fused, bool simulated = false)
        {
            _runner = new LocalRunner(1, fused, simulated, time: Time);
            AppDomain.CurrentDomain.SetData(Gate, new CancelTests.Gate());
        }

        public ManualTime Time { get; } = new();

        public string Gate { get; } = $"CancelTests.{Guid.NewGuid():N}";

        public CancellationToken Token => _cancel.Token;

        public WorkerEngine Worker => _runner.Workers[0];

        public Numbers Source => new(_runner);

        public Task<T> Start<T>(Func<Numbers, Task<T>> job) => Task.Run(() => job(Source));

        public void Cancel() => _cancel.Cancel();

        public async Task StopAtGateAsync<T>(Func<Numbers, Task<T>> job, Action? atGate = null)
        {
            var running = Start(job);
            await await Task.WhenAny(running, CancelTests.Gate.Of(Gate).Reached);
            atGate?.Invoke();
            Cancel();
            CancelTests.Gate.Of(Gate).Open();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        public async Task ShowThatTheSlotIsFreeAsync() => Assert.Equal(100, await Source.Range(100, 4).Map(static x => x + 1).CountAsync());

        public void Dispose()
        {
            CancelTests.Gate.Of(Gate).Open();
            _runner.Dispose();
            AppDomain.CurrentDomain.SetData(Gate, null);
        }
    }

    private readonly struct Numbers(JobRunner runner)
    {
        public Rdd<long> Range(long end, int partitions) => MicroSpark.Sources.Source.Range(runner, 0, end, 1, partitions);
    }
}
