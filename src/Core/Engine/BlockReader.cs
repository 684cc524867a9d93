using MicroSpark.Closures;
using MicroSpark.Memory;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Engine;

/// <summary>
/// One bucket of a block of this process, by reference; or a frame at a time, as a reader elsewhere would get it, when the elements are on
/// disk, are of another process's code, or could be changed.
/// </summary>
internal sealed class BlockReader<T>(bool byReference, CodeSpace code) : ChunkReader<T>
{
    private ReadOnlyMemory<T> _rest;
    private ChunkReader<T>? _chunks;
    private IEnumerator<ReadOnlyMemory<byte>>? _frames;
    private FrameReader<T>? _reader;
    private int _taken;
    private int _count;

    public BlockReader(Block block, int bucket, bool byReference, CodeSpace code)
        : this(byReference, code) => Start(block, bucket);

    /// <summary>Goes to a block; the one before it has been read.</summary>
    public void Start(Block block, int bucket)
    {
        if (block is BucketBlock<T> typed && (byReference || typed.Bucket(bucket).IsEmpty))
        {
            _rest = typed.Bucket(bucket);
        }
        else if (block is PartitionBlock<T> kept && byReference)
        {
            _chunks = kept.Read(bucket);
        }
        else
        {
            _frames = block.Frames(bucket, code).GetEnumerator();
        }
    }

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        if (_chunks is not null)
        {
            return _chunks.Next(limit, out run);
        }

        if (_rest.IsEmpty && _frames is not null)
        {
            return NextOfFrames(limit, out run);
        }

        run = _rest.Span[..Math.Min(limit, _rest.Length)];
        _rest = _rest[run.Length..];
        return run.Length > 0;
    }

    public override void Dispose()
    {
        _frames?.Dispose();
        _frames = null;
    }

    private bool NextOfFrames(int limit, out ReadOnlySpan<T> run)
    {
        _reader ??= new FrameReader<T>(code);
        if (_taken == _count)
        {
            (_taken, _count) = (0, 0);
            if (!_frames!.MoveNext())
            {
                Dispose();
                run = default;
                return false;
            }

            var frame = _frames.Current;
            _count = _reader.Read(Frame.Read(frame.Span), frame[Frame.HeaderLength..]).Length;
        }

        run = _reader.Items.Slice(_taken, Math.Min(limit, _count - _taken));
        _taken += run.Length;
        return true;
    }
}
