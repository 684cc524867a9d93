using MicroSpark.Engine;
using MicroSpark.Plans;
using MicroSpark.Stopping;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Stopping;

public sealed class TaskProgressTests
{
    private readonly ManualResetEvent _never = new(false);

    [Fact]
    public void Interrupts_that_race_the_end_of_user_code_never_reach_what_comes_after()
    {
        const int Rounds = 10_000;
        TaskProgress? current = null;
        var over = false;
        var sent = 0;
        var sender = new Thread(() =>
        {
            while (!Volatile.Read(ref over))
            {
                sent += Volatile.Read(ref current)?.TryInterrupt() == true ? 1 : 0;
            }
        });
        sender.Start();

        // As a slot's thread does: a task, and a wait for the next one, which an interrupt would end with the process.
        for (var round = 0; round < Rounds || Volatile.Read(ref sent) < Rounds; round++)
        {
            using var cancel = new CancellationTokenSource();
            using (var task = TaskProgress.Begin(TimeProvider.System, cancel.Token))
            {
                Volatile.Write(ref current, task);
                try
                {
                    using var user = task.User();
                    if (round % 3 == 0)
                    {
                        _never.WaitOne(0);
                    }

                    using (task.Engine())
                    {
                        Assert.False(_never.WaitOne(0));
                    }
                }
                catch (ThreadInterruptedException) when (round % 3 == 0)
                {
                }
            }

            Assert.False(_never.WaitOne(0));
        }

        Volatile.Write(ref over, true);
        sender.Join();
    }

    [Fact]
    public void Only_user_code_is_interrupted()
    {
        using var task = TaskProgress.Begin(TimeProvider.System, CancellationToken.None);
        Assert.False(task.TryInterrupt());
        using (task.User())
        {
            using (task.Engine())
            {
                Assert.False(task.TryInterrupt());
            }

            Assert.True(task.TryInterrupt());
            Assert.Throws<ThreadInterruptedException>(() => _never.WaitOne());

            // Swallowed: another one comes.
            Assert.True(task.TryInterrupt());
            Assert.Throws<ThreadInterruptedException>(() => _never.WaitOne());
            Assert.True(task.WasInterrupted);
        }

        Assert.False(task.TryInterrupt());
    }

    [Fact]
    public void All_loops_that_are_at_work_end()
    {
        using var cancel = new CancellationTokenSource();
        using var task = TaskProgress.Begin(TimeProvider.System, cancel.Token);
        var outer = new LoopProgress(task);
        var inner = new LoopProgress(task);
        var over = new LoopProgress(task);
        outer.Enter();
        outer.Begin(outer.Look());
        over.Enter();
        over.Begin(over.Look());
        over.Exit();
        inner.Enter();
        inner.Begin(inner.Look());
        cancel.Cancel();
        Assert.Equal((0, 0), (outer.End, inner.End));
        Assert.Throws<OperationCanceledException>(() => inner.Look());

        // One that begins after that does not even begin.
        over.Begin(7);
        Assert.Equal(0, over.End);
    }

    [Fact]
    public void Runs_double_while_they_are_short_and_shrink_when_they_are_long()
    {
        var time = new ManualTime();
        using var task = TaskProgress.Begin(time, CancellationToken.None);
        var loop = new LoopProgress(task);
        loop.Enter();
        var limits = new List<int>();
        foreach (var milliseconds in (ReadOnlySpan<int>)[0, 0, 0, 10, 10, 1, 0])
        {
            limits.Add(loop.Look());
            loop.Begin(limits[^1]);
            time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        }

        Assert.Equal([1, 2, 4, 8, 4, 2, 2], limits);
        loop.Exit();
        Assert.Equal(limits.Sum(), task.Elements);
        for (var run = 0; run < 20; run++)
        {
            loop.Begin(loop.Look());
        }

        Assert.Equal(LoopProgress.LongestRun, loop.Look());
    }
}
