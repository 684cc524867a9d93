using MicroSpark.Code;
using MicroSpark.Readers;

namespace MicroSpark.Memory;

/// <summary>
/// Elements from frames that come one after the other; only where they come from differs. One virtual call for each frame.
/// </summary>
internal abstract class FrameChunkReader<T>(CodeSpace code) : ChunkReader<T>
{
    private readonly FrameDecoder<T> _frames = new(code);
    private int _taken;

    public sealed override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        if (_taken == _frames.Items.Length)
        {
            if (!NextFrame(out var frame))
            {
                run = default;
                return false;
            }

            _frames.Read(frame.Header, frame.Payload);
            _taken = 0;
        }

        run = _frames.Items[_taken..];
        run = run[..Math.Min(limit, run.Length)];
        _taken += run.Length;
        return true;
    }

    /// <summary>The next frame; its payload stays as it is until the one after it is asked for. False at the end.</summary>
    protected abstract bool NextFrame(out Frame frame);
}
