using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MicroSpark.Codecs.Leaves;

/// <summary>
/// JSON travels as its text. What is read back has a document of its own: a part of a large document does not take the rest of it along.
/// </summary>
internal static class JsonText
{
    private const int Deepest = 10_000;

    // What was accepted once is accepted again: comments and all.
    private static readonly JsonDocumentOptions s_document =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = Deepest };

    private static readonly JsonReaderOptions s_reader =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = Deepest };

    public static void Write(ref ValueWriter writer, JsonElement value)
    {
        try
        {
            // An element of no document has no text.
            var text = value.ValueKind == JsonValueKind.Undefined ? default : JsonMarshal.GetRawUtf8Value(value);
            writer.WriteVarint((uint)text.Length);
            writer.WriteBytes(text);
        }
        catch (ObjectDisposedException)
        {
            throw new NotEncodableException("", "its JsonDocument was disposed. Take Clone() of an element that is to outlive it.", value);
        }
    }

    public static JsonElement ReadElement(ref ValueReader reader)
    {
        var text = reader.ReadBytes(reader.ReadCount());
        if (text.IsEmpty)
        {
            return default;
        }

        try
        {
            var json = new Utf8JsonReader(text, s_reader);
            return JsonElement.ParseValue(ref json);
        }
        catch (JsonException error)
        {
            throw Corrupt(error);
        }
    }

    public static JsonDocument ReadDocument(ref ValueReader reader)
    {
        try
        {
            return JsonDocument.Parse(reader.ReadBytes(reader.ReadCount()).ToArray(), s_document);
        }
        catch (JsonException error)
        {
            throw Corrupt(error);
        }
    }

    public static void WriteNode(ref ValueWriter writer, JsonNode value)
    {
        string text;
        try
        {
            text = value.ToJsonString();
        }
        catch (Exception error) when (error is NotSupportedException or ArgumentException or InvalidOperationException or JsonException)
        {
            throw new NotEncodableException("", $"it has no JSON text: {error.Message}", value);
        }

        writer.WriteByte((byte)(value.Options is { PropertyNameCaseInsensitive: true } ? 1 : 0));
        writer.WriteString(text);
    }

    public static T ReadNode<T>(ref ValueReader reader)
        where T : JsonNode
    {
        var options = new JsonNodeOptions { PropertyNameCaseInsensitive = reader.ReadByte() == 1 };
        try
        {
            return JsonNode.Parse(reader.ReadString() ?? "", options, s_document) as T
                ?? throw ValueReader.Corrupt($"a text is no {typeof(T).Name}");
        }
        catch (JsonException error)
        {
            throw Corrupt(error);
        }
    }

    private static InvalidDataException Corrupt(JsonException error) => ValueReader.Corrupt($"a text is no JSON: {error.Message}");
}

internal sealed class JsonElementCodec : Codec<JsonElement>
{
    public override void Write(ref ValueWriter writer, in JsonElement value) => JsonText.Write(ref writer, value);

    public override void Read(ref ValueReader reader, out JsonElement value) => value = JsonText.ReadElement(ref reader);
}

internal sealed class JsonDocumentCodec : LeafCodec<JsonDocument>
{
    protected override void WriteContent(ref ValueWriter writer, JsonDocument value)
    {
        try
        {
            JsonText.Write(ref writer, value.RootElement);
        }
        catch (ObjectDisposedException)
        {
            throw new NotEncodableException("", "it is a JsonDocument that was disposed. Dispose it when the job has ended.", value);
        }
    }

    protected override JsonDocument Make(ref ValueReader reader) => JsonText.ReadDocument(ref reader);
}

/// <summary>Objects, arrays and values; a node that stands in a larger one comes back without it.</summary>
internal sealed class JsonNodeCodec<T> : LeafCodec<T>
    where T : JsonNode
{
    protected override void WriteContent(ref ValueWriter writer, T value) => JsonText.WriteNode(ref writer, value);

    protected override T Make(ref ValueReader reader) => JsonText.ReadNode<T>(ref reader);
}
