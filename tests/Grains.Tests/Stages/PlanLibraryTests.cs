using MicroSpark.Engine;
using MicroSpark.Errors;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Stages;

/// <summary>A plan is read as every other blob is: its holders send it to two readers, and name these to whoever comes later.</summary>
public sealed class PlanLibraryTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Sources _sources = new();
    private readonly WorkerEngine _engine;
    private readonly FakeWorkers _workers;
    private readonly byte[] _plan;

    public PlanLibraryTests()
    {
        _engine = new WorkerEngine(
            new WorkerId("here"), new WorkerEngineOptions(1, Fused: true, SimulatedIsolation: false, 1 << 20), _sources, null!, _time);
        _workers = new FakeWorkers(_time, "here", "a", "b", "c");
        var writer = new PlanWriter();
        writer.Bytes(PlanHeader.Current.ToBytes());
        writer.Bytes(SkeletonCodec.Write(
            new PlanSkeleton([new SkeletonNode(new LineageId(1, 2), "Range", null, 3, OutputKind.Result, 0, false, 0, [])])));
        _plan = writer.WrittenSpan.ToArray();
    }

    public void Dispose() => _engine.Dispose();

    [Fact]
    public async Task A_holder_that_has_sent_it_twice_names_who_has_it_too()
    {
        _sources.Answers[new WorkerId("a")] = new BlobAnswer(null, [new WorkerId("c")]);
        _sources.Answers[new WorkerId("c")] = new BlobAnswer(_plan, []);
        var skeleton = await new PlanLibrary(_engine, _workers, _time).SkeletonAsync(Reference("a"));
        Assert.Equal(3, skeleton.Nodes[0].NumPartitions);
        Assert.Equal(["a", "c"], _sources.Asked.Select(static w => w.Value));
        Assert.True(_engine.Blobs.Has(BlobName.Of(_plan)));
    }

    [Fact]
    public async Task When_all_holders_are_gone_another_worker_may_have_it_or_the_job_is_told()
    {
        _workers.Kill("a");
        _sources.Answers[new WorkerId("b")] = new BlobAnswer(_plan, []);
        await new PlanLibrary(_engine, _workers, _time).SkeletonAsync(Reference("a"));
        Assert.DoesNotContain(new WorkerId("a"), _sources.Asked);
        _sources.Answers.Clear();
        _engine.Blobs.Drop(BlobName.Of(_plan), null);
        var failed = Assert.ThrowsAsync<ClusterUnavailableException>(
            async () => await new PlanLibrary(_engine, _workers, _time).SkeletonAsync(Reference("a")));
        await _time.PassAsync(failed);
        var error = await failed;
        Assert.Contains("No live worker has the plan", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_that_its_client_puts_again_is_found()
    {
        _workers.Kill("a");
        var skeleton = new PlanLibrary(_engine, _workers, _time).SkeletonAsync(Reference("a")).AsTask();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(skeleton.IsCompleted);
        _sources.Answers[new WorkerId("b")] = new BlobAnswer(_plan, []);
        await _time.PassAsync(skeleton);
        Assert.Equal(3, (await skeleton).Nodes[0].NumPartitions);
    }

    private PlanRef Reference(params string[] holders) => new(BlobName.Of(_plan), null, [.. holders.Select(static h => new WorkerId(h))]);

    /// <summary>Workers that answer as a test says, and say else that they know nothing.</summary>
    private sealed class Sources : IBlockTransport
    {
        public Dictionary<WorkerId, BlobAnswer> Answers { get; } = [];

        public List<WorkerId> Asked { get; } = [];

        public Task<BlobAnswer> AskBlobAsync(WorkerId from, BlobName name, WorkerId reader, BlobAsks asks, string? owner, CancellationToken cancellationToken)
        {
            Asked.Add(from);
            return Task.FromResult(Answers.GetValueOrDefault(from, new BlobAnswer(null, [])));
        }

        public Task<byte[]?> GetBlobAsync(WorkerId from, BlobName name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> HasBlobAsync(WorkerId at, BlobName name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task PutBlobAsync(WorkerId to, BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public BlockStream Open(WorkerId from, BlockRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
