using System.Collections.Concurrent;
using MicroSpark.Code;
using MicroSpark.Engine;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.SharedVariables;
using MicroSpark.Slots;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Engine;

/// <summary>
/// Runs jobs on worker engines of this process, without grains: the smallest scheduler that keeps the rules of a plan. Operators are tested on it
/// in all shapes; the grains have tests of their own.
/// </summary>
internal sealed class LocalRunner : JobRunner, IBlockTransport, ILocationSource, IDisposable
{
    private readonly WorkerEngine[] _workers;
    private readonly bool _simulated;
    private readonly ConcurrentDictionary<LineageId, (int Worker, long Attempt)[]> _outputs = new();
    private int _tasks;

    /// <param name="starved">Whether tasks are refused all working memory, so that whatever can spill does.</param>
    public LocalRunner(int workers, bool fused, bool simulated, int parallelism = 2, bool starved = false, long memoryBudget = long.MaxValue, MemoryGuard? guard = null, TimeProvider? time = null, long maxLineSize = long.MaxValue, ApprovedCode? approved = null)
    {
        _simulated = simulated;
        Fused = fused;
        DefaultParallelism = parallelism;
        _workers = Enumerable.Range(0, workers)
            .Select(i => new WorkerEngine(
                new WorkerId($"local-{i}"), new WorkerEngineOptions(2, fused, simulated, memoryBudget, ClientsInProcess: true, Starved: starved) { Guard = guard ?? MemoryGuard.OfProcess, MaxLineSize = maxLineSize, Approved = approved }, this, this, time ?? TimeProvider.System))
            .ToArray();
        Array.ForEach(_workers, static w => w.Blocks.IsHeld = static _ => true);
    }

    public override int DefaultParallelism { get; }

    public override bool Fused { get; }

    public override bool SharesMemory => !_simulated;

    /// <summary>Broadcast values decoded so far, by all workers.</summary>
    public int Decoded => _workers.Sum(w => w.Broadcasts.Decoded);

    public IReadOnlyList<WorkerEngine> Workers => _workers;

    /// <summary>What happens to the streams between workers.</summary>
    public Func<BlockStream, BlockStream> Wrap { get; set; } = static stream => stream;

    /// <summary>Tasks run so far.</summary>
    public int Tasks => Volatile.Read(ref _tasks);

    /// <summary>Blocks in memory, of all workers.</summary>
    public long BlockBytes => _workers.Sum(static w => w.Blocks.Bytes);

    public override void EnsureUsable()
    {
        if (TaskContext.Current is not null)
        {
            throw new InvalidOperationException("A task may not use an Rdd or the context.");
        }
    }

    public override async Task RunAsync(JobRequest request, Action<TaskResult> onResult, CancellationToken cancellationToken)
    {
        foreach (var (partition, engine, inline, block) in await RunAsync(request, cancellationToken))
        {
            if (inline is not null)
            {
                onResult(new TaskResult(partition, false, null, inline));
            }
            else if (block!.CanShare && !_simulated)
            {
                onResult(new TaskResult(partition, true, block.SharedValue, default));
            }
            else
            {
                var bytes = new System.Buffers.ArrayBufferWriter<byte>();
                block.EncodeResult(bytes, engine.Code);
                onResult(new TaskResult(partition, false, null, bytes.WrittenMemory));
            }
        }
    }

    public override async Task<ResultStream> OpenAsync(JobRequest request, CancellationToken cancellationToken)
    {
        var results = await RunAsync(request, cancellationToken);
        return new LocalResult(new HeldBlockStream(results.OrderBy(static r => r.Partition).SelectMany(FramesOf)), results.Count);

        static IEnumerable<Frame> FramesOf(LocalTaskResult result) =>
            result.Inline is { } inline ? HeldBlockStream.FramesOf(inline) : result.Block!.Frames(0, result.Engine.Code);
    }

    public override Task DropBroadcastAsync(BroadcastContent content, bool destroyed, CancellationToken cancellationToken)
    {
        foreach (var worker in _workers)
        {
            worker.DropBroadcast(content.Id, destroyed ? content.Chunks : [], null);
        }

        return Task.CompletedTask;
    }

    public override Task UnpersistAsync(LineageId lineage, CancellationToken cancellationToken)
    {
        _outputs.TryRemove(lineage, out _);
        return Task.CompletedTask;
    }

    public Task<BlockMap> LocateAsync(LineageId lineage, long minVersion, CancellationToken cancellationToken)
    {
        var outputs = _outputs[lineage];
        return Task.FromResult(new BlockMap(
            lineage, 1, [.. _workers.Select(w => w.Id)], Array.ConvertAll(outputs, o => (short)o.Worker), Array.ConvertAll(outputs, o => o.Attempt)));
    }

    public void Forget(LineageId lineage)
    {
        // Every question is answered by the table itself.
    }

    public WorkerEngine? Neighbour(WorkerId worker) => _simulated ? null : Array.Find(_workers, w => w.Id == worker);

    public Task<byte[]?> GetBlobAsync(WorkerId from, BlobName name, CancellationToken cancellationToken) =>
        Task.FromResult(Find(from).Blobs.TryGet(name, out var content) ? content : null);

    public Task<bool> HasBlobAsync(WorkerId at, BlobName name, CancellationToken cancellationToken) => Task.FromResult(Find(at).Blobs.Has(name));

    public Task PutBlobAsync(WorkerId to, BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Find(to).Blobs.Put(name, content.ToArray());
        return Task.CompletedTask;
    }

    public BlockStream Open(WorkerId from, BlockRequest request, CancellationToken cancellationToken) =>
        Wrap(new LocalStream(Find(from), request));

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }
    }

    private WorkerEngine Find(WorkerId id) => _workers.Single(w => w.Id == id);

    private async Task<List<LocalTaskResult>> RunAsync(JobRequest request, CancellationToken cancellationToken)
    {
        foreach (var worker in _workers)
        {
            foreach (var blob in request.Plan.Blobs)
            {
                if (!worker.Blobs.Has(blob.Name))
                {
                    if (blob.Content() is { } content)
                    {
                        worker.Blobs.Put(blob.Name, content);
                    }
                }
            }
        }

        var reference = new PlanRef(BlobName.Of(request.Plan.Bytes), request.Plan.Bytes, [.. _workers.Select(w => w.Id)]);
        var plan = await Task.WhenAll(_workers.Select(worker => worker.PrepareAsync(reference, [], cancellationToken)));
        var skeleton = EncodedPlan.ReadSkeleton(request.Plan.Bytes);
        await EnsureAsync(plan, skeleton, skeleton.Root, request.Partitions, cancellationToken);
        var root = skeleton.Nodes[skeleton.Root];
        var partitions = request.Partitions ?? Enumerable.Range(0, root.NumPartitions).ToArray();
        var results = new List<LocalTaskResult>();
        foreach (var (partition, worker, success) in await RunStageAsync(plan, skeleton, skeleton.Root, partitions, cancellationToken))
        {
            Assert.Equal(
                success.Result is not { Length: <= TaskOutcome.Succeeded.LargestRecorded },
                _workers[worker].Blocks.TryGet(new BlockId(root.Lineage, partition, success.Attempt), out var block));
            results.Add(new LocalTaskResult(partition, _workers[worker], success.Result, block));
        }

        Array.ForEach(plan, static lease => lease.Dispose());
        return results;
    }

    private async Task EnsureAsync(PlanLease[] plan, PlanSkeleton skeleton, int stage, IReadOnlyList<int>? partitions, CancellationToken cancellationToken)
    {
        foreach (var input in skeleton.InputsOf(stage, partitions))
        {
            var node = skeleton.Nodes[input.Node];
            var outputs = _outputs.GetOrAdd(node.Lineage, _ => Enumerable.Repeat((-1, 0L), node.NumPartitions).ToArray());
            var missing = (input.Partitions ?? Enumerable.Range(0, node.NumPartitions)).Where(p => outputs[p].Worker < 0).ToArray();
            if (missing.Length > 0)
            {
                await EnsureAsync(plan, skeleton, input.Node, missing, cancellationToken);
                foreach (var (partition, worker, success) in await RunStageAsync(plan, skeleton, input.Node, missing, cancellationToken))
                {
                    outputs[partition] = (worker, success.Attempt.Value);
                }
            }
        }
    }

    private async Task<List<(int Partition, int Worker, TaskOutcome.Succeeded Success)>> RunStageAsync(
        PlanLease[] plan, PlanSkeleton skeleton, int stage, IReadOnlyList<int> partitions, CancellationToken cancellationToken)
    {
        var node = skeleton.Nodes[stage];
        var inputs = skeleton.InputsOf(stage, partitions).ToDictionary(i => skeleton.Nodes[i.Node].Lineage, static _ => 0L);
        var done = await Task.WhenAll(partitions.Select(partition =>
        {
            Interlocked.Increment(ref _tasks);
            var worker = partition % _workers.Length;
            var outcome = new TaskCompletionSource<(int, int, TaskOutcome)>(TaskCreationOptions.RunContinuationsAsynchronously);
            var task = new TaskSpec(JobId.New(), stage, node.Lineage, node.StageId, partition, AttemptId.New(), 0);
            var line = new TaskLine([default]);
            _workers[worker].Enqueue(line, _workers[worker].TaskOf(
                line, plan[worker], task, inputs, cancellationToken, o => outcome.SetResult((partition, worker, o)), static _ => { }));
            return outcome.Task;
        }));
        foreach (var updates in done.Select(d => (d.Item3 as TaskOutcome.Succeeded)?.Updates).OfType<byte[]>())
        {
            AccumulatorTable.Merge(updates);
        }

        var again = new List<int>();
        var succeeded = new List<(int, int, TaskOutcome.Succeeded)>();
        foreach (var (partition, worker, outcome) in done)
        {
            switch (outcome)
            {
                case TaskOutcome.Succeeded success:
                    succeeded.Add((partition, worker, success));
                    break;
                case TaskOutcome.InputLost lost:
                    foreach (var block in lost.Lost)
                    {
                        _outputs[lost.Lineage][block.Partition] = (-1, 0);
                    }

                    again.Add(partition);
                    break;
                case TaskOutcome.Failed failure:
                    throw new TaskFailedException(failure.Error);
                default:
                    throw new OperationCanceledException(cancellationToken);
            }
        }

        if (again.Count > 0)
        {
            await EnsureAsync(plan, skeleton, stage, again, cancellationToken);
            succeeded.AddRange(await RunStageAsync(plan, skeleton, stage, again, cancellationToken));
        }

        return succeeded;
    }
}

/// <summary>A result's frames, from the engine that has them.</summary>
/// <summary>A last stage's task's result: in its outcome when it is small, else a block at its worker.</summary>
internal readonly record struct LocalTaskResult(int Partition, WorkerEngine Engine, byte[]? Inline, Block? Block);

internal sealed class LocalResult(BlockStream frames, int partitions) : ResultStream
{
    public override int Partitions => partitions;

    public override async ValueTask<bool> NextAsync()
    {
        var any = await frames.NextAsync();
        (Header, Payload) = any ? (frames.Header, frames.Payload) : default;
        return any;
    }

    public override ValueTask DisposeAsync()
    {
        frames.Dispose();
        return default;
    }
}

/// <summary>A task's failure as the local runner reports it.</summary>
internal sealed class TaskFailedException(TaskFailure failure) : Exception($"{failure.TypeName}: {failure.Message}{Environment.NewLine}{failure.StackTrace}")
{
    public TaskFailure Failure { get; } = failure;
}
