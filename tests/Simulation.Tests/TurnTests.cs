using MicroSpark.Simulation.Loop;

namespace MicroSpark.Tests;

/// <summary>A turn that got lost between two threads left a whole run of seeds standing: about one of ten thousand.</summary>
public sealed class TurnTests
{
    /// <summary>A lost turn never comes back; a busy machine takes seconds.</summary>
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(5);

    [Fact]
    public void A_turn_is_not_lost_when_it_meets_an_interrupt()
    {
        const int Rounds = 10_000;
        var (there, back) = (new Turn(), new Turn());

        // Not disposed: after a failure the waiter still has it.
        var never = new ManualResetEvent(false);
        var waiter = new Thread(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                while (!Passes(there.Await))
                {
                }

                // One that was sent before the turn came has not been seen yet.
                Passes(() => _ = never.WaitOne(0));
                back.Give();
            }
        });
        waiter.IsBackground = true;
        waiter.Start();
        var giver = new Thread(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                while (!waiter.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
                {
                    Thread.Yield();
                }

                // What the one round has lost shows in the next one, where nothing but the turn wakes the waiter.
                if (round % 2 == 0)
                {
                    waiter.Interrupt();
                }

                there.Give();
                back.Await();
            }
        });
        giver.IsBackground = true;
        giver.Start();
        Assert.True(giver.Join(s_most), "A turn was lost.");
        waiter.Join();
    }

    private static bool Passes(Action wait)
    {
        try
        {
            wait();
            return true;
        }
        catch (ThreadInterruptedException)
        {
            return false;
        }
    }
}
