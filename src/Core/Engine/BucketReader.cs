using MicroSpark.Codecs;
using MicroSpark.Readers;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// One bucket of all blocks of a shuffle, in the order of the map partitions wherever the blocks are (law 2). Streams from other workers
/// are all open from the start and each ascends, so whichever is needed next is never behind another one's bytes.
/// </summary>
internal sealed class BucketReader<T>(BlockMap map, BlockIndex index, int bucket, RemoteBlocks<T>?[] remote, LocalBlocks inputs)
    : ChunkReader<T>
{
    private readonly BlockReader<T> _local = new(inputs, map, ValueCodec.IsShareable(typeof(T)), shuffle: true);
    private BucketIndex.Cursor _partitions = index.Of(bucket);
    private RemoteBlocks<T>? _remote;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        while (true)
        {
            if (_remote is { } stream ? stream.Next(_partitions.Current, limit, out run) : _local.Next(limit, out run))
            {
                return true;
            }

            if (!MoveNext())
            {
                return false;
            }
        }
    }

    public override bool NextLasting(out ReadOnlyMemory<T> run)
    {
        while (_remote is null)
        {
            if (_local.NextLasting(out run))
            {
                return true;
            }

            // What the block has left, if anything, is read run by run.
            if (_local.HasMore || !MoveNext())
            {
                return false;
            }
        }

        run = default;
        return false;
    }

    public override void Dispose()
    {
        _local.Dispose();
        foreach (var stream in remote)
        {
            stream?.Dispose();
        }
    }

    private bool MoveNext()
    {
        if (!_partitions.MoveNext())
        {
            return false;
        }

        _remote = remote[map.WorkerOf[_partitions.Current]];
        if (_remote is null)
        {
            _local.Start(_partitions.Current, bucket);
        }

        return true;
    }
}
