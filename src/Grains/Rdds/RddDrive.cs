using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
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
    SiloEvents events, TimeProvider time)
{
    private bool _over;

    /// <summary>Starts what the request wishes for that is missing and in nobody's hands.</summary>
    public void Start(RddBook book, PlanSkeleton skeleton, EnsureRequest request)
    {
        if (_over)
        {
            return;
        }

        var node = skeleton.Nodes[request.Node];
        var stage = StageSpec.Of(request.Job, request.Context, request.Plan, skeleton, request.Node, lineage, request.Policy);
        if (node.Output == OutputKind.Persisted && StorageLevel.FromCode(node.StorageLevel).Replication > 1)
        {
            book.Copies.Want(stage);
        }

        var wanted = request.Partitions?.ToArray() ?? Enumerable.Range(0, book.Table.Count);
        var missing = wanted.Where(p => book.Table[p] is PartitionState.Missing).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        var inputs = new StageInputs(stage, skeleton, grains, locations, pool, time, book.Progress.Note, []);
        var run = new StageExecution(stage, inputs, pool, events, time, () => new PartitionTaskSet(stage, grains, pool, events, time));
        run.NoteLost(book.Table.LossesOf(missing));
        var computation = new Computation(missing, run.Stop, run.Share);
        book.Table.Start(computation);
        book.Progress.Start(node, request.Job);
        ComputeAsync(book, computation, run, node, request.Job).Forget();
    }

    /// <summary>Wishes may have come for what was just cancelled, or blocks may have been lost meanwhile.</summary>
    public void StartMissing(RddBook book)
    {
        // Each for itself: one may wait for its plan.
        foreach (var wish in wishes.Requests)
        {
            if (wishes.IsPending(wish, book.Table))
            {
                StartAsync(book, wish).Forget();
            }
        }
    }

    private async Task StartAsync(RddBook book, EnsureRequest wish)
    {
        try
        {
            var skeleton = await plans.SkeletonAsync(
                wish.Plan, wish.Policy.PlanPatience, () => _over || !wishes.IsPending(wish, book.Table));
            if (wishes.IsPending(wish, book.Table))
            {
                Start(book, skeleton, wish);
            }
        }
        catch (Exception e)
        {
            // Nobody awaits this: whoever wishes for it is to hear.
            wishes.Fail(wish, new StageFailure.Broken(null, TaskFailure.Of(e)));
            signal.Raise();
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

        ShareOut(book);
    }

    /// <summary>Tells each computation which jobs wait for it.</summary>
    public void ShareOut(RddBook book)
    {
        foreach (var computation in book.Table.Computations)
        {
            if (wishes.Waiting(computation, book.Table) is { Length: > 0 } jobs)
            {
                computation.Share(jobs);
            }
        }
    }

    /// <summary>
    /// The grain is let go. What it computes stops, and is not started again for wishes that are still open: whoever wishes does so at the
    /// successor, and nobody could stop it here.
    /// </summary>
    public void End(RddBook? book)
    {
        _over = true;
        foreach (var computation in book?.Table.Computations ?? [])
        {
            computation.Stop();
        }
    }

    /// <summary>
    /// A partition was computed. The report may have been on its way when the grain learnt that the worker is dead: what it holds was lost
    /// then, this block with it, and nobody else would notice but those who read it in vain.
    /// </summary>
    private void Note(RddBook book, TaskReport report)
    {
        book.Table.Put(report.Partition, report.Worker, report.Attempt, report.Fingerprint);
        if (pool.IsDead(report.Worker))
        {
            book.Table.Lose(new BlockPart(report.Partition, report.Attempt), report.Worker);
            StartMissing(book);
            return;
        }

        book.NoteUpdates(report.Partition, report.Attempt, report.Updates);
        book.Copies.Computed(report.Partition);
    }

    private async Task ComputeAsync(RddBook book, Computation computation, StageExecution run, SkeletonNode node, JobId job)
    {
        StageFailure? failure;
        try
        {
            failure = await run.RunAsync(
                computation.Partitions,
                report =>
                {
                    Note(book, report);
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
            failure = new StageFailure.Broken(node.StageId, TaskFailure.Of(e, node.Operator));
        }

        book.Table.Drop(computation);
        if (failure is not (null or StageFailure.Cancelled))
        {
            wishes.Fail(computation.Partitions, failure);
        }

        signal.Raise();
        StartMissing(book);
    }
}
