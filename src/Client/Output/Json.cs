using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MicroSpark.Client.Output;

/// <summary>One JSON array, written element by element.</summary>
internal static class Json
{
    private const int FlushAbove = 1 << 15;

    // The output is a file or a pipe, never HTML: only what JSON itself asks for is escaped.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<long> WriteArrayAsync<T>(
        TextWriter output, IAsyncEnumerable<T> items, Action<Utf8JsonWriter, T> writeProperties)
    {
        using var buffer = new MemoryStream();
        await using var json = new Utf8JsonWriter(buffer, s_options);
        var written = 0L;
        json.WriteStartArray();
        await foreach (var item in items)
        {
            json.WriteStartObject();
            writeProperties(json, item);
            json.WriteEndObject();
            written++;
            if (json.BytesPending + buffer.Length > FlushAbove)
            {
                Drain(output, json, buffer);
            }
        }

        json.WriteEndArray();
        Drain(output, json, buffer);
        output.WriteLine();
        return written;
    }

    private static void Drain(TextWriter output, Utf8JsonWriter json, MemoryStream buffer)
    {
        json.Flush();
        output.Write(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        buffer.SetLength(0);
    }
}
