using MicroSpark.Grains.Contracts;
using MicroSpark.Hashing;
using MicroSpark.Model;

namespace MicroSpark.Grains.Placement;

// What is held twice, so that the loss of one worker is no loss.
internal static partial class PlacementPolicy
{
    /// <summary>Workers that hold a job's record, its plan and what goes with it; fewer only where there are fewer workers.</summary>
    public const int Copies = 2;

    /// <summary>
    /// The worker for the second copy of a block. It is never the worker with the first copy, and is on another host when there is one.
    /// Among the possible workers it is the one that was given the fewest copies for its slots. Null when no other worker is alive.
    /// </summary>
    /// <param name="at">The worker with the first copy.</param>
    /// <param name="given">How many copies a worker was given so far.</param>
    public static WorkerId? CopyOf(WorkerId at, IReadOnlyList<WorkerDescription> workers, Func<WorkerId, int> given)
    {
        var host = workers.FirstOrDefault(w => w.Id == at)?.Host;
        var others = workers.Where(w => w.Id != at);
        return others.OrderBy(w => w.Host == host).ThenBy(w => given(w.Id) / (double)SlotsOf(w)).FirstOrDefault()?.Id;
    }

    /// <summary>
    /// The workers in the order in which they are asked to keep a job's record: the first <see cref="Copies"/> that take it do. Jobs
    /// spread over all workers, and a loss changes the keepers only of jobs that the lost worker kept.
    /// </summary>
    public static WorkerId[] KeepersOf(JobId job, IEnumerable<WorkerId> workers) => Ranked(StringHash.Of(job.ToString()), workers);

    /// <summary>
    /// As <see cref="KeepersOf"/>, for a plan and the blobs that it names: assemblies, broadcast pieces, itself when it is large.
    /// </summary>
    public static WorkerId[] HoldersOf(BlobName plan, IEnumerable<WorkerId> workers) => Ranked(StringHash.Of(plan.ToString()), workers);

    /// <summary>
    /// By a hash of worker and thing together, highest first. So each thing has an order of its own, and the order of two workers does not
    /// depend on the other workers. The hash is the stable one: all processes, and the next life of this one, see the same order.
    /// </summary>
    private static WorkerId[] Ranked(ulong thing, IEnumerable<WorkerId> workers) =>
        [.. workers.OrderByDescending(w => HashMix.Combine(StringHash.Of(w.Value), thing))
            .ThenBy(static w => w.Value, StringComparer.Ordinal)];
}
