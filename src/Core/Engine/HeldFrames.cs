using MicroSpark.Memory;

namespace MicroSpark.Engine;

/// <summary>Frames that are in this process, of one block.</summary>
/// <param name="frames">Each valid until the next one is asked for.</param>
internal sealed class HeldFrames(IEnumerable<ReadOnlyMemory<byte>> frames) : BlockStream
{
    private readonly IEnumerator<ReadOnlyMemory<byte>> _frames = frames.GetEnumerator();

    /// <summary>Frames one behind the other, as a small result carries them.</summary>
    public static HeldFrames Of(ReadOnlyMemory<byte> inline) => new(Split(inline));

    /// <exception cref="InvalidDataException">A frame is not what was written.</exception>
    public override ValueTask<bool> NextAsync()
    {
        if (!_frames.MoveNext())
        {
            return new ValueTask<bool>(false);
        }

        (Position, Frame, Payload) = (0, Memory.Frame.Read(_frames.Current.Span), _frames.Current[Memory.Frame.HeaderLength..]);
        Frame.Check(Payload.Span);
        return new ValueTask<bool>(true);
    }

    public override void Dispose() => _frames.Dispose();

    private static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> inline)
    {
        while (!inline.IsEmpty)
        {
            var length = Memory.Frame.HeaderLength + Memory.Frame.Read(inline.Span).Length;
            yield return inline[..length];
            inline = inline[length..];
        }
    }
}
