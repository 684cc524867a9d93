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

    // Null where elements may not come by reference.
    private readonly CellReader<T>? _cells = ValueCodec.IsShareable(typeof(T)) ? new CellReader<T>(map, index, bucket, inputs) : null;
    private BucketIndex.Cursor _partitions = index.Of(bucket);
    private RemoteBlocks<T>? _remote;

    // The partition that is read by itself, and whether the cursor stands before one that nobody has read.
    private int _partition;
    private bool _begun, _waits;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        while (true)
        {
            if (_cells is { IsEmpty: false })
            {
                run = _cells.Next(limit);
                return true;
            }

            if (_remote is { } stream ? stream.Next(_partition, limit, out run) : _local.Next(limit, out run))
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
        while (_cells is { IsEmpty: false } || _remote is null)
        {
            if (_cells is { IsEmpty: false })
            {
                return _cells.NextLasting(out run);
            }

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
        _cells?.Dispose();
        foreach (var stream in remote)
        {
            stream?.Dispose();
        }
    }

    /// <summary>Goes to what is next: some cells, or a partition that is read by itself.</summary>
    private bool MoveNext()
    {
        _remote = null;
        _local.Dispose();
        if (!_begun)
        {
            (_begun, _waits) = (true, _partitions.MoveNext());
        }

        _cells?.Take(ref _partitions, ref _waits);
        if (_cells is { IsEmpty: false })
        {
            return true;
        }

        if (!_waits)
        {
            return false;
        }

        _partition = _partitions.Current;
        _waits = _partitions.MoveNext();
        _remote = remote[map.WorkerOf[_partition]];
        if (_remote is null)
        {
            _local.Start(_partition, bucket);
        }

        return true;
    }
}
