using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// Starts the computations that serve the wishes, and stops those that nobody wants any more. For one thread at a time: the turns of the
/// RddGrain.
/// </summary>
internal sealed class RddDrive(
    LineageId lineage, WishList wishes, Signal signal, IWorkerPool pool, PlanLibrary plans, ILocationSource locations, IGrainFactory grains,
    TimeProvider time)
{
    /// <summary>Starts what the request wishes for that is missing and in nobody's hands.</summary>
    public void Start(RddBook book, PlanSkeleton skeleton, EnsureRequest request)
    {
        var node = skeleton.Nodes[request.Node];
        var stage = StageSpec.Of(request.Job, request.Context, request.Plan, skeleton, request.Node, lineage, request.Policy);
        if (node.Output == OutputKind.Persisted && StorageLevel.FromCode(node.StorageLevel).Replication > 1)
        {
            book.Copies.Want(stage);
        }

        var wanted = request.Partitions ?? Enumerable.Range(0, book.Table.Count);
        var missing = wanted.Where(p => book.Table[p] is PartitionState.Missing).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        var inputs = new StageInputs(stage, skeleton, grains, locations, pool, time, book.Progress.Note, []);
        var run = new StageRun(stage, inputs, pool, () => new PartitionTaskSet(stage, grains, pool, time));
        var computation = new Computation(missing, run.Stop);
        book.Table.Start(computation);
        book.Progress.Start(node, request.Job);
        Compute(book, computation, run, node, request.Job);
    }

    /// <summary>Wishes may have come for what was just cancelled, or blocks may have been lost meanwhile.</summary>
    public async void StartMissing(RddBook book)
    {
        foreach (var wish in wishes.Requests)
        {
            if (wishes.IsPending(wish, book.Table))
            {
                try
                {
                    Start(book, await plans.SkeletonAsync(wish.Plan), wish);
                }
                catch (Exception e)
                {
                    wishes.Fail(wish, new TaskReport { End = TaskEnd.Failure, Partition = -1, Tries = 1, Failure = TaskFailure.Of(e) });
                    signal.Raise();
                }
            }
        }
    }

    /// <summary>A computation goes on while anybody wants any part of it.</summary>
    public void StopUnwanted(RddBook book)
    {
        foreach (var computation in book.Table.Computations)
        {
            if (!wishes.Want(computation, book.Table))
            {
                computation.Stop();
            }
        }
    }

    public static void StopAll(RddBook book)
    {
        foreach (var computation in book.Table.Computations)
        {
            computation.Stop();
        }
    }

    private async void Compute(RddBook book, Computation computation, StageRun run, SkeletonNode node, JobId job)
    {
        TaskReport? failure;
        try
        {
            failure = await run.RunAsync(
                computation.Partitions,
                report =>
                {
                    book.Table.Put(report.Partition, report.Worker, report.Attempt, report.Fingerprint);
                    book.NoteUpdates(report.Partition, report.Attempt, report.Updates);
                    book.Copies.Computed(report.Partition);
                    book.Progress.Computed(node, job, report.Traffic);
                    signal.Raise();
                },
                () =>
                {
                    // What was made of the former inputs is invalid; what others made of that, they see by the new fingerprints.
                    book.Table.Forget();
                    return null;
                });
        }
        catch (Exception e)
        {
            failure = new TaskReport
            {
                End = TaskEnd.Failure,
                Partition = -1,
                Stage = node.StageId,
                Tries = 1,
                Failure = TaskFailure.Of(e, node.Operator),
            };
        }

        book.Table.Drop(computation);
        if (failure is { End: not TaskEnd.Cancelled })
        {
            wishes.Fail(computation.Partitions, failure);
        }

        signal.Raise();
        StartMissing(book);
    }
}
