using MicroSpark.Memory;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>Frames that are in this process, of one block.</summary>
/// <param name="frames">Each valid until the next one is asked for.</param>
internal sealed class HeldBlockStream(IEnumerable<Frame> frames) : BlockStream
{
    private readonly IEnumerator<Frame> _frames = frames.GetEnumerator();

    /// <summary>Frames one behind the other, as a small result carries them.</summary>
    public static HeldBlockStream Of(ReadOnlyMemory<byte> inline) => new(FramesOf(inline));

    /// <inheritdoc cref="Of"/>
    public static IEnumerable<Frame> FramesOf(ReadOnlyMemory<byte> inline)
    {
        while (!inline.IsEmpty)
        {
            var length = Frame.HeaderLength + FrameHeader.Read(inline.Span).Length;
            yield return Frame.Of(inline[..length]);
            inline = inline[length..];
        }
    }

    /// <exception cref="InvalidDataException">A frame is not what was written.</exception>
    public override ValueTask<bool> NextAsync()
    {
        if (!_frames.MoveNext())
        {
            return new ValueTask<bool>(false);
        }

        (Position, (Header, Payload)) = (0, _frames.Current);
        Header.Check(Payload.Span);
        return new ValueTask<bool>(true);
    }

    public override void Dispose() => _frames.Dispose();

}
