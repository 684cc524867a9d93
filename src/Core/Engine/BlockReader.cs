using MicroSpark.Closures;
using MicroSpark.Memory;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Engine;

/// <summary>
/// One bucket of blocks of this process, one block after the other: by reference, or a frame at a time, as a reader elsewhere would get it, when
/// the elements could be changed or are of another process's code.
/// </summary>
internal sealed class BlockReader<T>(bool byReference, CodeSpace code) : ChunkReader<T>
{
    private ReadOnlyMemory<T> _rest;
    private ChunkReader<T>? _chunks;

    public BlockReader(Block block, int bucket, bool byReference, CodeSpace code)
        : this(byReference, code) => Start(block, bucket);

    /// <summary>Whether elements may be left that only <see cref="Next"/> gives.</summary>
    public bool HasMore => _chunks is not null;

    /// <summary>Goes to a block; the one before it has been read.</summary>
    public void Start(Block block, int bucket)
    {
        Dispose();
        if (block is BucketBlock<T> typed && (byReference || typed.Bucket(bucket).IsEmpty))
        {
            // The usual case costs no object: with many maps and reducers runs are short.
            _rest = typed.Bucket(bucket);
        }
        else
        {
            _chunks = byReference && block is ElementBlock<T> elements ? elements.Read(bucket) : new FramesReader<T>(block.Frames(bucket, code), code);
        }
    }

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        if (_chunks is not null)
        {
            return _chunks.Next(limit, out run);
        }

        run = _rest.Span[..Math.Min(limit, _rest.Length)];
        _rest = _rest[run.Length..];
        return run.Length > 0;
    }

    public override bool NextLasting(out ReadOnlyMemory<T> run)
    {
        if (_chunks is not null)
        {
            return _chunks.NextLasting(out run);
        }

        (run, _rest) = (_rest, default);
        return !run.IsEmpty;
    }

    public override void Dispose()
    {
        _chunks?.Dispose();
        _chunks = null;
    }
}
