using System.Buffers;
using System.Net;
using System.Net.Sockets;
using MicroSpark.Code;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Security;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using MicroSpark.Tests.Security;

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

    /// <summary>The read went on for thirty seconds, or until the process was thawed.</summary>
    [Fact]
    public async Task A_read_of_a_frozen_worker_ends_when_the_cluster_gives_it_up()
    {
        using var frozen = new TcpListener(IPAddress.Loopback, 0);
        frozen.Start();
        using var life = new CancellationTokenSource();
        using var transport = new HttpBlockTransport(
            (_, _) => new ValueTask<Uri?>(new Uri($"http://{frozen.LocalEndpoint}")), DataPlaneFixture.Proofs(TestSecrets.Of("secret")), shareProcess: false,
            new Infrastructure.ManualTime(), life: worker => worker == DataPlaneFixture.Worker ? life.Token : CancellationToken.None);
        using var stream = transport.Open(DataPlaneFixture.Worker, new BlockRequest(Lineage, 0, [new BlockPart(0, new AttemptId(1))]), default);
        var read = stream.NextAsync().AsTask();
        var blob = transport.GetBlobAsync(DataPlaneFixture.Worker, BlobName.Of("one thing"u8), default);
        using var first = await frozen.AcceptTcpClientAsync();
        using var second = await frozen.AcceptTcpClientAsync();
        Assert.False(read.IsCompleted || blob.IsCompleted);

        await life.CancelAsync();

        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => read);
        Assert.Contains("given it up", error.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<WorkerUnreachableException>(() => blob);
    }

    /// <summary>A client waited a minute for a result on a frozen worker, and only then had it computed again.</summary>
    [Fact]
    public async Task A_client_waits_for_the_blocks_of_a_silent_worker_for_seconds_only()
    {
        using var frozen = new TcpListener(IPAddress.Loopback, 0);
        frozen.Start();
        var time = new Infrastructure.ManualTime();
        using var transport = new HttpBlockTransport(
            (_, _) => new ValueTask<Uri?>(new Uri($"http://{frozen.LocalEndpoint}")), DataPlaneFixture.Proofs(TestSecrets.Of("secret")), shareProcess: false,
            time, blockPatience: TimeSpan.FromSeconds(5));
        using var stream = transport.Open(DataPlaneFixture.Worker, new BlockRequest(Lineage, 0, [new BlockPart(0, new AttemptId(1))]), default);
        var read = stream.NextAsync().AsTask();

        // Each attempt has a connection of its own, and its patience begins before it connects.
        var connections = new List<TcpClient>();
        while (true)
        {
            var next = frozen.AcceptTcpClientAsync();
            if (await Task.WhenAny(next, read) == read)
            {
                break;
            }

            connections.Add(await next);
            time.Advance(TimeSpan.FromSeconds(5));
        }

        connections.ForEach(static connection => connection.Dispose());
        await Assert.ThrowsAsync<WorkerUnreachableException>(() => read);
        Assert.InRange(connections.Count, 1, 3);
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
            blocks.Add(Put(plane, random.Next(), TestBlocks.Of<byte>([9], wanted, [8])));
            expected.Add(wanted);
        }

        var got = Read<byte>(plane, new BlockRequest(Lineage, 1, blocks));

        Assert.Equal(expected.Select(static b => BlobName.Of(b)), got.Select(static b => BlobName.Of(b.ToArray())));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Elements_of_any_size_and_kind_arrive_as_they_were(bool pack)
    {
        await using var plane = await DataPlaneFixture.StartAsync(pack: pack);
        var noise = new byte[700_000];
        new Random(4).NextBytes(noise);
        Assert.Equal(noise, Read<byte>(plane, new BlockRequest(Lineage, 0, [Put(plane, 0, TestBlocks.Of<byte>(noise))]))[0]);
        var pairs = Enumerable.Range(0, 200_000).Select(static i => (i, i * 3L)).ToArray();
        var texts = Enumerable.Range(0, 30_000).Select(static i => i % 7 == 0 ? null : new string((char)('a' + (i % 26)), i % 100)).ToArray();
        var large = new[] { new string('x', 5_000_000), "", new string('y', 300_000) };

        Assert.Equal(pairs, Read<(int, long)>(plane, new BlockRequest(Lineage, 0, [Put(plane, 1, TestBlocks.Of<(int, long)>(pairs))]))[0]);
        Assert.Equal(texts, Read<string?>(plane, new BlockRequest(Lineage, 0, [Put(plane, 2, TestBlocks.Of<string?>(texts))]))[0]);
        Assert.Equal(large, Read<string>(plane, new BlockRequest(Lineage, 0, [Put(plane, 3, TestBlocks.Of<string>(large))]))[0]);
    }

    [Fact]
    public async Task A_slow_reader_holds_one_frame_and_the_worker_a_window()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var made = 0;
        var frames = new FrameCounter(TestBlocks.Of(new byte[64 << 20]), () => Interlocked.Increment(ref made));
        using var stream = (HttpBlockStream)plane.Transport.Open(DataPlaneFixture.Worker, new BlockRequest(Lineage, 0, [Put(plane, 1, frames)]), default);
        long elements = 0;
        var mostAhead = 0;
        for (var read = 1; stream.Next(); read++)
        {
            elements += stream.Header.Count;
            mostAhead = Math.Max(mostAhead, Volatile.Read(ref made) - read);
            Assert.InRange(stream.Held, 0, 1 << 20);
        }

        // Beside the window of the worker, what the kernel holds of a connection: less than the whole in any case.
        Assert.Equal(64 << 20, elements);
        Assert.True(mostAhead < made / 2, $"{mostAhead} of {made} frames were made ahead.");
    }

    /// <summary>As 80 slots do that all read at once. With a bound on connections those above it wait for all of the others.</summary>
    [Fact]
    public async Task As_many_streams_are_open_at_once_as_there_are_slots()
    {
        const int Slots = 80;
        await using var plane = await DataPlaneFixture.StartAsync();
        var block = Put(plane, 1, TestBlocks.Of(new byte[3 << 20]));
        var allHaveBegun = new TaskCompletionSource();
        var begun = 0;
        await Task.WhenAll(Enumerable.Range(0, Slots).Select(async _ =>
        {
            using var stream = plane.Transport.Open(DataPlaneFixture.Worker, new BlockRequest(Lineage, 0, [block]), default);
            Assert.True(await stream.NextAsync());
            if (Interlocked.Increment(ref begun) == Slots)
            {
                allHaveBegun.SetResult();
            }

            await allHaveBegun.Task.WaitAsync(TimeSpan.FromMinutes(1));
            var bytes = stream.Header.Count;
            while (await stream.NextAsync())
            {
                bytes += stream.Header.Count;
            }

            Assert.Equal(3 << 20, bytes);
        }));
    }

    [Fact]
    public async Task A_short_stream_holds_little()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        using var stream = plane.Transport.Open(
            DataPlaneFixture.Worker, new BlockRequest(Lineage, 0, [Put(plane, 1, TestBlocks.Of(new byte[1000]))]), default);
        Assert.True(stream.Next());
        Assert.InRange(stream.Held, 1000, 16 << 10);
    }

    [Fact]
    public async Task All_missing_partitions_are_named_at_once()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var here = Put(plane, 1, TestBlocks.Of<byte>([1]));
        BlockPart otherAttempt = new(1, new AttemptId(8)), otherPartition = new(5, here.Attempt);

        var error = Assert.Throws<BlocksMissingException>(() => Read<byte>(plane, new BlockRequest(Lineage, 0, [here, otherAttempt, otherPartition])));

        Assert.Equal([1, 5], error.Partitions);
        Assert.Equal(Lineage, error.Lineage);
        Assert.Equal(DataPlaneFixture.Worker, error.Worker);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_that_many_requests_name_is_told_once_and_again_when_it_was_forgotten(bool sparse)
    {
        const int Blocks = 500;
        const int Buckets = 300;
        await using var plane = await DataPlaneFixture.StartAsync();
        var parts = Enumerable.Range(0, Blocks).Select(p => Put(plane, p, sparse
            ? new BucketBlock<int>([p, -p], [1, 2], [p % 7, 100 + (p % 3)], Buckets, 0)
            : TestBlocks.Of<int>([.. Enumerable.Range(0, Buckets).Select(b => b == p % 7 ? new[] { p } : b == 100 + (p % 3) ? [-p] : [])]))).ToArray();
        var list = new BlockList(Lineage, parts, repeats: true);
        var name = BlobName.Of(BlockWire.EncodeList(list));
        List<int> Numbers(int bucket) => [.. Read<int>(plane, new BlockRequest(list, bucket)).SelectMany(static b => b)];

        await Task.WhenAll(Enumerable.Range(0, 7).Select(bucket => Task.Run(() =>
            Assert.Equal(Enumerable.Range(0, Blocks).Where(p => p % 7 == bucket), Numbers(bucket)))));
        Assert.True(plane.Stores.Blobs.Has(name));

        plane.Stores.Blobs.Drop(name, null);
        Assert.Equal(Enumerable.Range(0, Blocks).Where(p => p % 3 == 1).Select(p => -p), Numbers(101));
        Assert.Empty(Numbers(200));

        // What is dropped later is missed by those who need it; they learn of all that is.
        plane.Stores.Blocks.Remove(new BlockId(Lineage, 14, parts[14].Attempt));
        plane.Stores.Blocks.Remove(new BlockId(Lineage, 15, parts[15].Attempt));
        Assert.Equal([14, 15], Assert.Throws<BlocksMissingException>(() => Numbers(0)).Partitions);
        if (sparse)
        {
            Assert.Equal(72, Numbers(2).Count);
        }
    }

    [Fact]
    public async Task A_block_that_cannot_be_encoded_fails_the_reader_and_not_the_worker()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var part = Put(plane, 0, new FailingBlock(new NotSupportedException("no codec")));

        var error = Assert.Throws<InvalidOperationException>(() => Read<byte>(plane, new BlockRequest(Lineage, 0, [part])));

        Assert.Contains("could not encode", error.Message, StringComparison.Ordinal);
        Assert.Contains("no codec", error.Message, StringComparison.Ordinal);
        Assert.False(await plane.Transport.HasBlobAsync(DataPlaneFixture.Worker, BlobName.Of("x"u8), default));
    }

    [Fact]
    public async Task A_block_that_goes_while_it_is_read_is_missing()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var part = Put(plane, 3, new FailingBlock(new ObjectDisposedException("file")));

        Assert.Equal([3], Assert.Throws<BlocksMissingException>(() => Read<byte>(plane, new BlockRequest(Lineage, 0, [part]))).Partitions);
    }

    [Fact]
    public async Task A_cancelled_reader_stops_at_once_and_its_connection_serves_nobody()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        var part = Put(plane, 1, TestBlocks.Of(new byte[16 << 20]));
        using var cancel = new CancellationTokenSource();
        using var stream = plane.Transport.Open(DataPlaneFixture.Worker, new BlockRequest(Lineage, 0, [part]), cancel.Token);
        Assert.True(stream.Next());
        await cancel.CancelAsync();

        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            while (stream.Next())
            {
            }
        });
        Assert.Equal(16 << 20, Read<byte>(plane, new BlockRequest(Lineage, 0, [part]))[0].Count);
    }

    [Fact]
    public async Task Without_the_secret_nothing_is_read_or_written()
    {
        await using var plane = await DataPlaneFixture.StartAsync(clientSecret: TestSecrets.Of("another"));
        var content = "private"u8.ToArray();
        var name = BlobName.Of(content);
        plane.Stores.Blobs.Put(name, content);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => plane.Transport.GetBlobAsync(DataPlaneFixture.Worker, name, default));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => plane.Transport.PutBlobAsync(DataPlaneFixture.Worker, BlobName.Of([1]), new byte[] { 1 }, default));
        Assert.Throws<UnauthorizedAccessException>(() => Read<byte>(plane, new BlockRequest(Lineage, 0, [new BlockPart(0, new AttemptId(1))])));
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
        var port = FreePorts.Find(System.Net.IPAddress.Loopback, 1)[0];
        using var transport = DataPlaneFixture.TransportTo(new Uri($"http://127.0.0.1:{port}/"), TestSecrets.Of("secret"));

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

    private static BlockPart Put(DataPlaneFixture plane, int partition, Block block)
    {
        var part = new BlockPart(partition, new AttemptId(7));
        plane.Stores.Blocks.Put(new BlockId(Lineage, partition, part.Attempt), block, BlockKeeping.MayGoToDisk);
        return part;
    }

    private static List<T>[] Read<T>(DataPlaneFixture plane, BlockRequest request)
    {
        using var stream = plane.Transport.Open(DataPlaneFixture.Worker, request, default);
        return TestBlocks.ReadAll<T>(stream, request.Blocks.Count);
    }

    /// <summary>Counts the frames that are made of a block.</summary>
    private sealed class FrameCounter(Block inner, Action made) : Block
    {
        public override int Buckets => inner.Buckets;

        public override long Count => inner.Count;

        public override long Bytes => inner.Bytes;

        public override ulong Fingerprint => inner.Fingerprint;

        public override IEnumerable<Frame> Frames(int bucket, CodeSpace space)
        {
            foreach (var frame in inner.Frames(bucket, space))
            {
                made();
                yield return frame;
            }
        }
    }
}
