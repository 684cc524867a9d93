using MicroSpark.Closures;

namespace MicroSpark.Memory;

/// <summary>Elements from frames as they come; each frame stays as it is until the next one is asked for.</summary>
internal sealed class FramesReader<T>(IEnumerable<ReadOnlyMemory<byte>> frames, CodeSpace code) : FramedReader<T>(code)
{
    private readonly IEnumerator<ReadOnlyMemory<byte>> _source = frames.GetEnumerator();

    public override void Dispose() => _source.Dispose();

    protected override bool NextFrame(out Frame frame, out ReadOnlyMemory<byte> payload)
    {
        if (!_source.MoveNext())
        {
            (frame, payload) = (default, default);
            return false;
        }

        (frame, payload) = (Frame.Read(_source.Current.Span), _source.Current[Frame.HeaderLength..]);
        return true;
    }
}
