using System.Collections.Concurrent;
using MicroSpark.Engine;
using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>The skeletons of the plans that one silo's grains read. Grains of many stages and jobs share one.</summary>
internal sealed class PlanLibrary(WorkerEngine engine, IWorkerPool pool, TimeProvider time)
{
    /// <summary>
    /// How long to wait in a call. It is over before the call is for which a grain wants the plan: else that one would time out, and be
    /// made again, and nobody would hear why.
    /// </summary>
    private static readonly TimeSpan s_inCall = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private const int Most = 256;

    private readonly ConcurrentDictionary<PlanKey, PlanSkeleton> _skeletons = new();
    private readonly ConcurrentQueue<PlanKey> _order = new();

    /// <summary>A client that lives puts a plan again whose holders are gone, every few seconds: it is waited for.</summary>
    /// <param name="most">So long where no call waits; 20 s when null.</param>
    /// <param name="stopped">Whether nobody wants it any more.</param>
    /// <exception cref="ClusterUnavailableException">No live worker has the plan, and none was given it meanwhile.</exception>
    public async ValueTask<PlanSkeleton> SkeletonAsync(PlanRef plan, TimeSpan? most = null, Func<bool>? stopped = null)
    {
        var key = PlanKey.Of(plan);
        if (_skeletons.TryGetValue(key, out var known))
        {
            return known;
        }

        var skeleton = EncodedPlan.ReadSkeleton(plan.Inline ?? await BytesAsync(plan, most ?? s_inCall, stopped), plan.Owner);
        if (_skeletons.TryAdd(key, skeleton))
        {
            _order.Enqueue(key);
            if (_order.Count > Most && _order.TryDequeue(out var oldest))
            {
                _skeletons.TryRemove(oldest, out _);
            }
        }

        return skeleton;
    }

    /// <summary>
    /// The same in a call of somebody else's, who makes it again: his own silo does not know more, and the client may put the plan again.
    /// </summary>
    /// <exception cref="TimeoutException">As the other one's, which has no codec and would not travel.</exception>
    public async ValueTask<PlanSkeleton> SkeletonForCallAsync(PlanRef plan)
    {
        try
        {
            return await SkeletonAsync(plan);
        }
        catch (ClusterUnavailableException e)
        {
            throw new TimeoutException(e.Message);
        }
    }

    /// <summary>From whoever has it: its holders, those whom they gave it, and at last anybody who lives.</summary>
    private async Task<byte[]> BytesAsync(PlanRef plan, TimeSpan most, Func<bool>? stopped)
    {
        try
        {
            return await new Patience(s_pause) { Limit = most }.RunAsync(
                () => engine.Plans.PullAsync(plan.Name, plan.Owner, [.. plan.Holders.Where(pool.IsLive)], pool.Known),
                e => e is BlobMissingException && stopped?.Invoke() != true, time);
        }
        catch (BlobMissingException e)
        {
            throw new ClusterUnavailableException(
                $"No live worker has the plan {plan.Name}: the {plan.Holders.Count} that held it are gone. Run the job again.", e);
        }
    }
}
