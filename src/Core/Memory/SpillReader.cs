using MicroSpark.Stages;

namespace MicroSpark.Memory;

/// <summary>Streams a run from disk: holds one frame, or a few when they are small.</summary>
internal sealed class SpillReader<T>(SpillFile file, ReadOnlyMemory<FileRange> ranges) : ChunkReader<T>
{
    private readonly RunFrames _source = new(file, ranges);
    private readonly FrameReader<T> _frames = new(file.Code);
    private int _taken;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        if (_taken == _frames.Items.Length)
        {
            if (!_source.Next())
            {
                run = default;
                return false;
            }

            _frames.Read(_source.Header, _source.Payload);
            _taken = 0;
        }

        run = _frames.Items[_taken..];
        run = run[..Math.Min(limit, run.Length)];
        _taken += run.Length;
        return true;
    }

    public override void Dispose() => _source.Dispose();
}
