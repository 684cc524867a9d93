using ZstdSharp;

namespace MicroSpark.Files;

/// <summary>Reads a zstd file of one frame or several, to its very end.</summary>
internal sealed class ZstdInput(Stream stored, string path) : ReadOnlyStream
{
    private readonly DecompressionStream _content = new(stored, checkEndOfStream: true, leaveOpen: false);

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _content.Read(buffer);
        }
        catch (EndOfStreamException cut)
        {
            throw new InvalidDataException($"The zstd file '{path}' was cut off.", cut);
        }
        catch (ZstdException damaged)
        {
            throw new InvalidDataException($"The file '{path}' is no whole zstd file: {damaged.Message}", damaged);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
        }

        base.Dispose(disposing);
    }
}
