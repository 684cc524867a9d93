using MicroSpark.Engine;
using MicroSpark.Security;

namespace MicroSpark.Tests.DataPlane;

/// <summary>What one worker stores arrives at another as it was, or with an error that says who is at fault.</summary>
public sealed class HttpBlockTransportTests
{
    private static readonly LineageId Lineage = BlobName.Of("a recipe"u8).Hash;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000_000)]
    public async Task A_blob_is_read_as_it_was_written(int length)
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var content = new byte[length];
        new Random(1).NextBytes(content);
        var name = BlobName.Of(content);

        Assert.False(await plane.Transport.HasBlobAsync(DataPlaneFixture.Worker, name, default));
        Assert.Null(await plane.Transport.GetBlobAsync(DataPlaneFixture.Worker, name, default));
        await plane.Transport.PutBlobAsync(DataPlaneFixture.Worker, name, content, default);

        Assert.True(await plane.Transport.HasBlobAsync(DataPlaneFixture.Worker, name, default));
        Assert.Equal(content, await plane.Transport.GetBlobAsync(DataPlaneFixture.Worker, name, default));
    }

    [Fact]
    public async Task Content_that_is_not_what_its_name_says_is_refused()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var name = BlobName.Of("one thing"u8);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => plane.Transport.PutBlobAsync(DataPlaneFixture.Worker, name, "another"u8.ToArray(), default));

        Assert.Contains("does not hash", error.Message, StringComparison.Ordinal);
        Assert.False(plane.Stores.Blobs.Has(name));
    }

    [Fact]
    public async Task Blocks_come_in_the_order_asked_for_and_only_the_bucket_asked_for()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var random = new Random(2);
        var blocks = new List<BlockPart>();
        var expected = new List<byte[]>();
        foreach (var length in new[] { 0, 1, 70_000, 3_000_000, 4096 })
        {
            var wanted = new byte[length];
            random.NextBytes(wanted);
            var part = new BlockPart(random.Next(), AttemptId.New());
            plane.Stores.Blocks.Put(new BlockId(Lineage, part.Partition, part.Attempt), new BytesBlock([9], wanted, [8]));
            blocks.Add(part);
            expected.Add(wanted);
        }

        var got = await ReadAsync(plane, new BlockRequest(Lineage, 1, blocks));

        Assert.Equal(expected.Select(static b => BlobName.Of(b)), got.Select(static b => BlobName.Of(b)));
    }

    [Fact]
    public async Task All_missing_partitions_are_named_at_once()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var here = new BlockPart(1, new AttemptId(7));
        plane.Stores.Blocks.Put(new BlockId(Lineage, 1, here.Attempt), new BytesBlock([1]));
        BlockPart otherAttempt = new(1, new AttemptId(8)), otherPartition = new(5, here.Attempt);

        var error = await Assert.ThrowsAsync<BlocksMissingException>(
            () => ReadAsync(plane, new BlockRequest(Lineage, 0, [here, otherAttempt, otherPartition])));

        Assert.Equal([1, 5], error.Partitions);
        Assert.Equal(Lineage, error.Lineage);
        Assert.Equal(DataPlaneFixture.Worker, error.Worker);
    }

    [Fact]
    public async Task A_block_that_cannot_be_encoded_fails_the_reader_and_not_the_worker()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var part = new BlockPart(0, new AttemptId(1));
        plane.Stores.Blocks.Put(new BlockId(Lineage, 0, part.Attempt), new BytesBlock());

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(plane, new BlockRequest(Lineage, 0, [part])));

        Assert.Contains("could not encode", error.Message, StringComparison.Ordinal);
        Assert.False(await plane.Transport.HasBlobAsync(DataPlaneFixture.Worker, BlobName.Of("x"u8), default));
    }

    [Fact]
    public async Task Without_the_secret_nothing_is_read_or_written()
    {
        await using var plane = await DataPlaneFixture.StartAsync(clientSecret: ClusterSecret.Of("another"));
        var content = "private"u8.ToArray();
        var name = BlobName.Of(content);
        plane.Stores.Blobs.Put(name, content);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => plane.Transport.GetBlobAsync(DataPlaneFixture.Worker, name, default));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => plane.Transport.PutBlobAsync(DataPlaneFixture.Worker, BlobName.Of([1]), new byte[] { 1 }, default));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => ReadAsync(plane, new BlockRequest(Lineage, 0, [new BlockPart(0, new AttemptId(1))])));
        Assert.False(plane.Stores.Blobs.Has(BlobName.Of([1])));
    }

    [Fact]
    public async Task A_worker_that_took_over_a_dead_ones_port_does_not_answer_for_it()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var dead = new WorkerId("127.0.0.1:1@0");

        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => plane.Transport.HasBlobAsync(dead, BlobName.Of([1]), default));

        Assert.Equal(dead, error.Worker);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_a_worker_that_cannot_be_reached()
    {
        var port = MicroSpark.Hosting.FreePorts.Find(System.Net.IPAddress.Loopback, 1)[0];
        using var transport = DataPlaneFixture.TransportTo(new Uri($"http://127.0.0.1:{port}/"), ClusterSecret.Of("secret"));

        await Assert.ThrowsAsync<WorkerUnreachableException>(() => transport.HasBlobAsync(DataPlaneFixture.Worker, BlobName.Of([1]), default));
    }

    [Fact]
    public async Task A_cancelled_token_is_no_fault_of_the_worker()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => plane.Transport.HasBlobAsync(DataPlaneFixture.Worker, BlobName.Of([1]), cancelled.Token));
    }

    private static async Task<List<byte[]>> ReadAsync(DataPlaneFixture plane, BlockRequest request)
    {
        var payloads = new List<byte[]>();
        await foreach (var payload in plane.Transport.FetchAsync(DataPlaneFixture.Worker, request, default))
        {
            payloads.Add(payload.ToArray());
        }

        return payloads;
    }
}
