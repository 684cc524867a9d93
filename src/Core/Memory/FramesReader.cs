using MicroSpark.Closures;
using MicroSpark.Stages;

namespace MicroSpark.Memory;

/// <summary>Elements from frames as they come; each frame stays as it is until the next one is asked for.</summary>
internal sealed class FramesReader<T>(IEnumerable<ReadOnlyMemory<byte>> frames, CodeSpace code) : ChunkReader<T>
{
    private readonly IEnumerator<ReadOnlyMemory<byte>> _source = frames.GetEnumerator();
    private readonly FrameReader<T> _frames = new(code);
    private int _taken;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        if (_taken == _frames.Items.Length)
        {
            if (!_source.MoveNext())
            {
                run = default;
                return false;
            }

            _frames.Read(Frame.Read(_source.Current.Span), _source.Current[Frame.HeaderLength..]);
            _taken = 0;
        }

        run = _frames.Items[_taken..];
        run = run[..Math.Min(limit, run.Length)];
        _taken += run.Length;
        return true;
    }

    public override void Dispose() => _source.Dispose();
}
