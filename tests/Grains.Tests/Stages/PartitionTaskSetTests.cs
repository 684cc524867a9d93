using System.Reflection;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Tasks;
using Orleans.Runtime;

namespace MicroSpark.Tests.Stages;

public sealed class PartitionTaskSetTests : TaskSetTests
{
    /// <summary>
    /// The poll of a ticket that was cancelled brings nothing for up to five seconds, and whoever wishes for the same stage waits for the
    /// end of the set. Here it never brings anything.
    /// </summary>
    [Fact]
    public Task A_set_that_is_stopped_does_not_wait_for_its_polls() => OnOneThread(async () =>
    {
        var grain = new Grain();
        var set = new PartitionTaskSet(Stage(1), Grains.Of(grain), Workers(null, "a"), null!, Clock);
        var run = set.RunAsync(Placed(2, "a"), [], Ended.Add);
        Assert.Equal([0, 1], grain.Asked!.Partitions.ToArray().Select(static p => p.Partition));
        Assert.False(run.IsCompleted);
        set.Stop();
        await run;
        Assert.Equal([TaskEnd.Cancelled, TaskEnd.Cancelled], Ended.Select(static r => r.End));
        Assert.Equal(grain.Asked.Ticket, grain.Cancelled);
    });

    [Fact]
    public Task A_grain_that_was_lost_is_asked_again_to_keep_the_tasks_off_its_silo() => OnOneThread(async () =>
    {
        var grain = new Grain { Lost = 1 };
        var set = new PartitionTaskSet(Stage(1), Grains.Of(grain), Workers(null, "a"), null!, Clock);
        var run = set.RunAsync(Placed(2, "a"), [], Ended.Add);
        Assert.False(grain.Asked!.Stage.Policy.SparesOwner);
        var first = grain.Asked;
        while (grain.Asked == first)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        Assert.True(grain.Asked!.Stage.Policy.SparesOwner);
        set.Stop();
        await run;
    });

    private sealed class Grain : IPartitionGrain
    {
        public int Lost { get; set; }

        public ShareRequest? Asked { get; private set; }

        public BatchId Cancelled { get; private set; }

        public Task<ReportPage> RunAsync(ShareRequest request)
        {
            Asked = request;
            if (Lost-- > 0)
            {
                return Task.FromException<ReportPage>(new SiloUnavailableException("The silo died."));
            }

            return new TaskCompletionSource<ReportPage>().Task;
        }

        public Task<ReportPage> NextAsync(BatchId ticket, int seen) => throw new NotSupportedException();

        public Task ShareAsync(BatchId ticket, JobStake[] jobs) => throw new NotSupportedException();

        public Task CancelAsync(BatchId ticket)
        {
            Cancelled = ticket;
            return Task.CompletedTask;
        }
    }

    /// <summary>A factory of one grain, whose key does not matter.</summary>
    public class Grains : DispatchProxy
    {
        private object? _grain;

        internal static IGrainFactory Of(object grain)
        {
            var factory = Create<IGrainFactory, Grains>();
            ((Grains)(object)factory)._grain = grain;
            return factory;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _grain;
    }
}
