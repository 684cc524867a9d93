using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MicroSpark.Grains.Ui;

/// <summary>Shapes as JSON. What could end an HTML element is escaped, so the same text may stand in a page.</summary>
internal static class UiJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        RespectNullableAnnotations = true,
    };

    public static byte[] Of<T>(T shape) => JsonSerializer.SerializeToUtf8Bytes(shape, Options);
}
