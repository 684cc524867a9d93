using System.Buffers;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.SharedVariables;
using MicroSpark.Stages;
using MicroSpark.Stopping;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// Runs one task on the calling thread, a slot's: from its plan and inputs to a stored block and an outcome.
/// </summary>
internal sealed class TaskExecution(
    WorkerEngine worker, WorkerEngineOptions options, SpillFolder spill, IBlockTransport transport, ILocationSource locations,
    TimeProvider time)
{
    /// <summary>Encoded results up to this size travel inside the outcome.</summary>
    private const int LargestInline = 32 << 10;

    private const int SmallestInline = 32;

    /// <summary>What the task comes to. What user code throws is an outcome too.</summary>
    public TaskOutcome Run(
        PlanLease lease, TaskSpec task, IReadOnlyDictionary<LineageId, long> versions, TaskProgress progress,
        CancellationToken cancellation)
    {
        var quota = worker.Memory.QuotaOf(lease.Ref.Owner);
        using var pins = worker.Blocks.Pin(quota, [task.OutputLineage, .. versions.Keys]);
        TaskScope? scope = null;
        Plan? plan = null;
        var counters = new TaskCounters();
        using var memory = worker.Memory.Open(spill, worker.Code, quota);
        var started = time.GetTimestamp();
        try
        {
            plan = lease.Plan;
            var root = plan.Nodes[task.Node];
            root.Culture.Enter();
            var context = new TaskContext(
                task.Partition, task.StageId, task.AttemptNumber, task.Attempt.Value, root.Skeleton.NumPartitions)
            {
                Code = plan.Code,
                Broadcasts = worker.Broadcasts,
                PlanHolders = lease.Ref.Holders,
                PlanGone = lease.Ref.Gone,
                PlanOwner = lease.Ref.Owner,
                Counters = counters,
                Job = task.Job,
                Log = worker.TaskLog,
            };
            context.Begin();
            using var inputs = new WorkerInputs(
                worker, plan.Code, transport, locations, lease.Ref, versions, memory, counters, cancellation);
            scope = new TaskScope(root, task, inputs, memory, Pipelines.Instance, options.Fused, progress, cancellation);
            var output = root.Skeleton.Output;
            var block = root is IStageRoot stage ? stage.Run(task.Partition, scope) : root.Materialise(task.Partition, scope);
            inputs.ThrowIfBroken();
            if (cancellation.IsCancellationRequested)
            {
                block.Dispose();
                return new TaskOutcome.Cancelled(task.Partition, task.Attempt);
            }

            if (task.Copy && (inputs.HasChanged(task) || !Fits(block)))
            {
                block.Dispose();
                return new TaskOutcome.Cancelled(task.Partition, task.Attempt);
            }

            // What was not kept is computed again by its readers, whose sums count.
            var updates = block is not UnkeptBlock && context.Accumulators is { } accumulators
                ? AccumulatorUpdates.Encode(accumulators, worker.Code)
                : null;
            block.Updates = output == OutputKind.Result ? null : updates;
            memory.Shrink(memory.Held);

            // What the job's record has is not kept here as well: a job may have a million results.
            var inline = output == OutputKind.Result ? Inline(block) : null;
            var ended = new TaskOutcome.Succeeded(
                task.Partition, task.Attempt, block.Count, block.ResultSize, block.Fingerprint,
                (long)time.GetElapsedTime(started).TotalMilliseconds, inline)
            {
                Updates = updates,
                Traffic = TrafficOf(root.Skeleton, block, counters, memory),
                Heaviest = scope.Heaviest,
            };
            if (inline is { Length: <= TaskOutcome.Succeeded.LargestRecorded })
            {
                block.Dispose();
            }
            else
            {
                worker.Blocks.Put(
                    new BlockId(task.OutputLineage, task.Partition, task.Attempt), block, KeepingOf(root.Skeleton), quota);
            }

            return ended;
        }
        catch (Exception e) when (RenewIfBroken(e, lease.Ref, plan) | cancellation.IsCancellationRequested)
        {
            // Whatever it was: an interrupt and a token come wrapped in all kinds of exceptions, and nobody wants to know the others.
            // Without a cancel the task is given back: another one's interrupt has broken a type of its plan, which is mended by now.
            return new TaskOutcome.Cancelled(task.Partition, task.Attempt);
        }
        catch (Exception e)
        {
            // Whatever user code throws is an outcome, not the worker's failure. Inputs may have been lost below the user's own iterator.
            if (TaskErrors.Lost(e) is not { } lost)
            {
                return new TaskOutcome.Failed(task.Partition, task.Attempt, FailureOf(e, scope));
            }

            locations.Forget(lost.Lineage);
            return new TaskOutcome.InputLost(task.Partition, task.Attempt, lost.Lineage, lost.Blocks, lost.Worker);
        }
        finally
        {
            TaskContext.End();
        }
    }

    /// <summary>A second copy that may not go to disk is not worth pushing others out: the first one is there.</summary>
    private static bool Fits(Block block) => block is not UnkeptBlock;

    private static BlockKeeping KeepingOf(SkeletonNode node) => node.Output switch
    {
        OutputKind.Result => BlockKeeping.Result,
        OutputKind.Persisted when !StorageLevel.FromCode(node.StorageLevel).UseDisk => BlockKeeping.MemoryOnly,
        _ => BlockKeeping.MayGoToDisk,
    };

    /// <summary>A partition persisted on disk only is there because it was asked to be; all else on disk did not fit.</summary>
    private static TaskTraffic TrafficOf(SkeletonNode node, Block block, TaskCounters counters, TaskMemory memory)
    {
        var asked = node.Output == OutputKind.Persisted && !StorageLevel.FromCode(node.StorageLevel).UseMemory;
        return new TaskTraffic(
            counters.Input, counters.ShuffleRead, counters.RemoteRead,
            node.Output == OutputKind.Shuffle ? block.Bytes + block.DiskBytes : 0,
            memory.SpilledBytes - (asked ? block.DiskBytes : 0), counters.ReadRecords);
    }

    /// <summary>A result in memory that a client of this process cannot have by reference, encoded when it is small.</summary>
    private byte[]? Inline(Block block)
    {
        var byReference = block.CanShare && options.ClientsInProcess && !options.SimulatedIsolation;
        if (byReference || block.ResultSize > LargestInline || block.DiskBytes > 0)
        {
            return null;
        }

        var encoded = new ArrayBufferWriter<byte>(SmallestInline);
        block.EncodeResult(encoded, worker.Code);
        return encoded.WrittenCount <= LargestInline ? encoded.WrittenSpan.ToArray() : null;
    }

    /// <returns>Whether code that an interrupt has broken was loaded anew.</returns>
    private bool RenewIfBroken(Exception e, PlanRef reference, Plan? plan) =>
        plan is not null && TaskErrors.HasBrokenType(e) && worker.Plans.Renew(reference, plan);

    /// <summary>What no function and no source is known to have thrown is the stage's own operator's: a save's full disk.</summary>
    private TaskFailure FailureOf(Exception e, TaskScope? scope) =>
        TaskFailure.Of(
            e, scope?.Fault?.Operator ?? scope?.RootOperator, scope?.Fault?.Function, scope?.Fault?.ElementIndex,
            canRetry: e is not SpillException) with
        {
            EncodedException = TryEncode(e),
        };

    /// <summary>The exception with its own fields, for a client that has its type; null when it cannot travel or is too large to.</summary>
    private byte[]? TryEncode(Exception e)
    {
        try
        {
            var encoded = ValueCodec.Encode(e, worker.Code);
            return encoded.Length <= LargestInline ? encoded : null;
        }
        catch (Exception error) when (error is NotEncodableException or AssemblyNotShippableException)
        {
            return null;
        }
    }
}
