using System.Buffers;
using System.Text.Json;
using MicroSpark.Files;

namespace MicroSpark.Formats.Json;

/// <summary>Writes a JSON value a line.</summary>
internal sealed class JsonPartWriter<T>(Stream content, int partition) : PartWriter<T>(partition)
{
    private const int BufferBytes = 64 << 10;

    private readonly ArrayBufferWriter<byte> _buffer = new(BufferBytes);
    private Utf8JsonWriter? _json;

    public override void Write(ReadOnlySpan<T> elements)
    {
        var info = JsonBinding<T>.Info;
        _json ??= new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = info.Options.Encoder, SkipValidation = true });
        foreach (var element in elements)
        {
            JsonSerializer.Serialize(_json, element is null ? throw NullElement("JSON file") : element, info);
            _json.Flush();
            _json.Reset();
            _buffer.Write("\n"u8);
            CountOne();
            if (_buffer.WrittenCount >= BufferBytes)
            {
                Flush();
            }
        }
    }

    public override void Complete() => Flush();

    private void Flush()
    {
        content.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
