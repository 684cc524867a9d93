using System.Collections.Concurrent;
using System.Net;
using MicroSpark.Code;
using MicroSpark.Engine;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Security;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using MicroSpark.Tests.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Tests.DataPlane;

/// <summary>A blob that many workers want comes from all that have it: eight workers with real servers, two of which were given it.</summary>
public sealed class BlobSpreadTests : IAsyncLifetime
{
    private const int Size = 1 << 20;
    private readonly List<Node> _nodes = [];
    private readonly byte[] _content = new byte[Size];

    private WorkerId[] Holders => [_nodes[0].Id, _nodes[1].Id];

    public async Task InitializeAsync()
    {
        new Random(7).NextBytes(_content);
        for (var i = 0; i < 8; i++)
        {
            _nodes.Add(await Node.StartAsync(i, id => _nodes.Find(n => n.Id == id)?.Uri));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_sends_a_blob_to_more_than_two(bool atOnce)
    {
        var name = Put(_content);
        if (atOnce)
        {
            await Task.WhenAll(_nodes[2..].Select(node => PullAsync(node, name)));
        }
        else
        {
            foreach (var node in _nodes[2..])
            {
                await PullAsync(node, name);
            }
        }

        var sent = Sent();
        Assert.Equal(6, sent.Values.Sum());
        Assert.All(sent.Values, static copies => Assert.InRange(copies, 1, BlobReaders.Most));
    }

    /// <summary>As of a broadcast: each worker wants all pieces, in an order of its own. Before, the first holder sent all 96.</summary>
    [Fact]
    public async Task The_two_holders_of_many_pieces_send_a_part_of_them()
    {
        var pieces = Enumerable.Range(0, 16).Select(i =>
        {
            var piece = new byte[Size / 8];
            new Random(i).NextBytes(piece);
            return Put(piece);
        }).ToArray();

        await Task.WhenAll(_nodes[2..].Select((node, i) => Task.Run(async () =>
        {
            var order = pieces.ToArray();
            new Random(i).Shuffle(order);
            foreach (var piece in order)
            {
                await PullAsync(node, piece);
            }
        })));

        var sent = Sent();
        Assert.Equal(6 * 16, sent.Values.Sum());
        Assert.InRange(Holders.Sum(h => sent.GetValueOrDefault(h)), 1, 2 * BlobReaders.Most * 16);
        Assert.True(sent.Count > 4, "Workers that were not given the pieces send them too.");
    }

    [Fact]
    public async Task When_those_that_were_named_are_gone_the_holder_sends_it_again()
    {
        var name = Put(_content);
        _nodes[1].Blobs.Drop(name, null);
        foreach (var node in _nodes[2..4])
        {
            await PullAsync(node, name);
            node.Blobs.Drop(name, null);
        }

        await PullAsync(_nodes[4], name);
        await _nodes[4].DisposeAsync();
        await PullAsync(_nodes[5], name);
        await PullAsync(_nodes[6], name);
        Assert.Equal(4, Sent()[_nodes[0].Id]);
        Assert.Equal(1, Sent()[_nodes[5].Id]);
    }

    [Fact]
    public async Task Who_asks_a_worker_that_waits_for_the_blob_itself_gets_it_when_it_has_come()
    {
        var name = BlobName.Of(_content);
        var source = new TaskCompletionSource<byte[]>();
        var first = _nodes[2].Blobs.PullAsync(name, null, () => source.Task);
        var second = _nodes[3].Transport.AskBlobAsync(_nodes[2].Id, name, _nodes[3].Id, BlobAsks.Named, null, default);
        var insisting = await _nodes[4].Transport.AskBlobAsync(_nodes[2].Id, name, _nodes[4].Id, BlobAsks.Insisting, null, default);
        Assert.Null(insisting.Content);

        source.SetResult(_content);
        Assert.Equal(_content, (await second).Content);
        Assert.Same(_content, await first);
    }

    [Fact]
    public async Task What_nobody_has_is_missing_for_all_that_ask_at_once()
    {
        var name = BlobName.Of("nowhere"u8);
        await Task.WhenAll(_nodes.Select(node => Assert.ThrowsAsync<BlobMissingException>(() => PullAsync(node, name))));
    }

    [Fact]
    public async Task Small_blobs_come_from_whoever_is_asked()
    {
        var name = Put("small"u8.ToArray());
        foreach (var node in _nodes[2..])
        {
            await PullAsync(node, name);
        }

        Assert.Equal(6, Holders.Sum(h => Sent().GetValueOrDefault(h)));
    }

    /// <summary>A plan names blobs by their hashes, and a client may have written it by hand.</summary>
    [Fact]
    public async Task What_one_has_brought_his_plans_get_and_those_of_others_do_not()
    {
        var name = BlobName.Of(_content);
        _nodes[0].Blobs.Bring(name, _content, "ann");
        await Assert.ThrowsAsync<BlobMissingException>(() => PullAsync(_nodes[2], name, "bob"));
        await PullAsync(_nodes[2], name, "ann");
        await Assert.ThrowsAsync<BlobMissingException>(() => PullAsync(_nodes[2], name, "bob"));
        await Assert.ThrowsAsync<BlobMissingException>(() => PullAsync(_nodes[0], name, "bob"));

        // A copy that was pulled for ann is hers, wherever she brought the first one.
        await _nodes[0].DisposeAsync();
        await PullAsync(_nodes[3], name, "ann");
        await Assert.ThrowsAsync<BlobMissingException>(() => PullAsync(_nodes[4], name, "bob"));
        _nodes[1].Blobs.Bring(name, _content, "bob");
        await PullAsync(_nodes[4], name, "bob");
        await PullAsync(_nodes[5], name);
    }

    [Fact]
    public async Task What_is_on_its_way_for_one_is_not_for_another()
    {
        var name = BlobName.Of(_content);
        var source = new TaskCompletionSource<byte[]>();
        var anns = _nodes[2].Blobs.PullAsync(name, "ann", () => source.Task);
        await Assert.ThrowsAsync<BlobMissingException>(() => PullAsync(_nodes[2], name, "bob"));
        Assert.Null((await _nodes[3].Transport.AskBlobAsync(_nodes[2].Id, name, _nodes[3].Id, BlobAsks.Named, "bob", default)).Content);
        source.SetResult(_content);
        Assert.Same(_content, await anns);
    }

    [Fact]
    public async Task Tasks_of_one_worker_that_want_a_blob_at_once_pull_it_once()
    {
        var name = BlobName.Of(_content);
        var source = new TaskCompletionSource<byte[]>();
        var asked = 0;
        var store = _nodes[2].Blobs;
        var all = Enumerable.Range(0, 5).Select(_ => store.PullAsync(name, null, () =>
        {
            asked++;
            return source.Task;
        })).ToArray();
        source.SetResult(_content);
        Assert.All(await Task.WhenAll(all), content => Assert.Same(_content, content));
        Assert.Equal(1, asked);
    }

    private BlobName Put(byte[] content)
    {
        var name = BlobName.Of(content);
        _nodes[0].Blobs.Put(name, content);
        _nodes[1].Blobs.Put(name, content);
        return name;
    }

    private async Task PullAsync(Node node, BlobName name, string? owner = null)
    {
        var content = await node.Blobs.PullAsync(
            name, owner, () => node.Sources.PullAsync(name, owner, Holders, [.. _nodes.Select(static n => n.Id)]));
        Assert.Equal(name, BlobName.Of(content));
    }

    /// <summary>How many blobs each worker has sent, as their readers saw it.</summary>
    private Dictionary<WorkerId, int> Sent() =>
        _nodes.SelectMany(static n => n.Transport.From).GroupBy(static from => from).ToDictionary(static g => g.Key, static g => g.Count());

    private sealed class Node(WorkerId id, DataPlaneServer server, BlobStore blobs, CountingTransport transport) : IAsyncDisposable
    {
        public WorkerId Id => id;

        public Uri? Uri => server.Uri;

        public BlobStore Blobs => blobs;

        public CountingTransport Transport => transport;

        public BlobSources Sources { get; } = new(id, transport);

        public static async Task<Node> StartAsync(int number, Func<WorkerId, Uri?> find)
        {
            var id = new WorkerId($"127.0.0.1:{number}@1");
            var proofs = DataPlaneFixture.Proofs(TestSecrets.Of("secret"));
            var blobs = new BlobStore();
            var blocks = new BlockStore(new MemoryPool(long.MaxValue, 1), new SpillFolder(null), CodeSpace.Process, TimeProvider.System);
            var server = new DataPlaneServer(new WorkerStores(id, blocks, blobs, CodeSpace.Process), proofs, DataPlaneFixture.Audit(), new Infrastructure.ManualTime(), NullLoggerFactory.Instance);
            await server.StartAsync(IPAddress.Loopback, 0, default);
            return new Node(id, server, blobs, new CountingTransport(
                new HttpBlockTransport((w, _) => new ValueTask<Uri?>(find(w)), proofs, shareProcess: false, TimeProvider.System)));
        }

        public async ValueTask DisposeAsync()
        {
            transport.Dispose();
            await server.DisposeAsync();
        }
    }

    private sealed class CountingTransport(HttpBlockTransport inner) : IBlockTransport, IDisposable
    {
        /// <summary>Who sent a blob here.</summary>
        public ConcurrentQueue<WorkerId> From { get; } = new();

        public async Task<BlobAnswer> AskBlobAsync(
            WorkerId from, BlobName name, WorkerId reader, BlobAsks asks, string? owner, CancellationToken cancellationToken)
        {
            var answer = await inner.AskBlobAsync(from, name, reader, asks, owner, cancellationToken);
            if (answer.Content is not null)
            {
                From.Enqueue(from);
            }

            return answer;
        }

        public Task<byte[]?> GetBlobAsync(WorkerId from, BlobName name, CancellationToken cancellationToken) =>
            inner.GetBlobAsync(from, name, cancellationToken);

        public Task<bool> HasBlobAsync(WorkerId at, BlobName name, CancellationToken cancellationToken) =>
            inner.HasBlobAsync(at, name, cancellationToken);

        public Task PutBlobAsync(WorkerId to, BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            inner.PutBlobAsync(to, name, content, cancellationToken);

        public BlockStream Open(WorkerId from, BlockRequest request, CancellationToken cancellationToken) =>
            inner.Open(from, request, cancellationToken);

        public void Dispose() => inner.Dispose();
    }
}
