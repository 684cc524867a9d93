using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Memory;

namespace MicroSpark.Files;

/// <summary>Writes frames of encoded elements between a head that says their type and a mark of the end.</summary>
internal sealed class ObjectPartWriter<T> : PartWriter<T>
{
    private readonly Stream _content;
    private readonly FrameEncoder _frames;
    private readonly T[] _waiting = new T[Frame.ElementsOf<T>()];
    private int _count;

    public ObjectPartWriter(Stream content, int partition, CodeSpace space)
        : base(partition)
    {
        (_content, _frames) = (content, new FrameEncoder(space));
        ObjectFileFormat.WriteHead(content, ElementShape.Of(typeof(T)));
    }

    /// <exception cref="NotEncodableException">An element cannot travel.</exception>
    public override void Write(ReadOnlySpan<T> elements)
    {
        Count += elements.Length;
        while (!elements.IsEmpty)
        {
            var taken = Math.Min(elements.Length, _waiting.Length - _count);
            elements[..taken].CopyTo(_waiting.AsSpan(_count));
            elements = elements[taken..];
            _count += taken;
            if (_count == _waiting.Length)
            {
                // Only full frames: the remaining elements wait for more, so that the ends of frames depend on the elements alone.
                WriteFrame();
            }
        }
    }

    public override void Complete()
    {
        while (_count > 0)
        {
            WriteFrame();
        }

        ObjectFileFormat.WriteEnd(_content, Count);
    }

    public override void Dispose() => _frames.Dispose();

    private void WriteFrame()
    {
        var written = _frames.Write<T>(_waiting.AsSpan(0, _count));
        _content.Write(_frames.Written.Span);
        _waiting.AsSpan(written, _count - written).CopyTo(_waiting);
        _count -= written;
        _waiting.AsSpan(_count, written).Clear();
    }
}
