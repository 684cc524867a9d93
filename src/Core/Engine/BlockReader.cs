using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// One bucket of blocks of this process, one block after the other. Elements come by reference. When they could be changed, or are of
/// another process's code, they come a frame at a time, as a reader elsewhere would get them.
/// </summary>
/// <param name="shuffle">Whether the blocks are a shuffle's outputs, or persisted partitions.</param>
internal sealed class BlockReader<T>(LocalBlocks inputs, BlockMap map, bool byReference, bool shuffle) : ChunkReader<T>
{
    private ReadOnlyMemory<T> _rest;
    private ChunkReader<T>? _chunks;
    private double _elementBytes;
    private int _partition;

    /// <summary>Whether elements may be left that only <see cref="Next"/> gives.</summary>
    public bool HasMore => _chunks is { IsLasting: false };

    /// <summary>Goes to a partition's block; the one before it has been read.</summary>
    /// <exception cref="InputLostException">It is not here any more.</exception>
    public void Start(int partition, int bucket)
    {
        if (!TryStart(partition, bucket))
        {
            throw new InvalidOperationException($"Partition {partition} of {map.Lineage} was not kept, and is read as if it were.");
        }
    }

    /// <summary>The same; false when the partition was not kept.</summary>
    /// <inheritdoc cref="Start" path="/exception" />
    public bool TryStart(int partition, int bucket)
    {
        Dispose();
        _partition = partition;
        var block = inputs.BlockOf(map, partition);
        if (block is UnkeptBlock)
        {
            return false;
        }

        _elementBytes = block.ElementBytes;
        if (block is BucketBlock<T> typed && (byReference || typed.Bucket(bucket).IsEmpty))
        {
            // The usual case costs no object: with many maps and reducers runs are short.
            _rest = typed.Bucket(bucket);
        }
        else
        {
            try
            {
                _chunks = byReference && block is ElementBlock<T> elements
                    ? elements.Read(bucket)
                    : new FrameSequenceReader<T>(block.Frames(bucket, inputs.Code), inputs.Code);
            }
            catch (Exception e) when (IsLost(e))
            {
                throw inputs.Lost(map, partition, e);
            }
        }

        return true;
    }

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        bool any;
        if (_chunks is not null)
        {
            try
            {
                any = _chunks.Next(limit, out run);
            }
            catch (Exception e) when (IsLost(e))
            {
                throw inputs.Lost(map, _partition, e);
            }
        }
        else
        {
            run = _rest.Span[..Math.Min(limit, _rest.Length)];
            _rest = _rest[run.Length..];
            any = run.Length > 0;
        }

        Count(run.Length);
        return any;
    }

    public override bool NextLasting(out ReadOnlyMemory<T> run)
    {
        bool any;
        if (_chunks is not null)
        {
            any = _chunks.NextLasting(out run);
        }
        else
        {
            (run, _rest) = (_rest, default);
            any = !run.IsEmpty;
        }

        Count(run.Length);
        return any;
    }

    public override void Dispose()
    {
        _chunks?.Dispose();
        _chunks = null;
    }

    /// <summary>A block may be dropped after it was found and before its file is open; and a file may have been taken away.</summary>
    private static bool IsLost(Exception e) => e is ObjectDisposedException or SpillException;

    private void Count(int elements) => inputs.Counters.Read(shuffle, (long)(elements * _elementBytes), elements);
}
