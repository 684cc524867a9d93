using MicroSpark.Code;

namespace MicroSpark.Memory;

/// <summary>Elements from frames as they come; each frame stays as it is until the next one is asked for.</summary>
internal sealed class FrameSequenceReader<T>(IEnumerable<Frame> frames, CodeSpace code) : FrameChunkReader<T>(code)
{
    private readonly IEnumerator<Frame> _source = frames.GetEnumerator();

    public override void Dispose() => _source.Dispose();

    protected override bool NextFrame(out Frame frame)
    {
        var any = _source.MoveNext();
        frame = any ? _source.Current : default;
        return any;
    }
}
