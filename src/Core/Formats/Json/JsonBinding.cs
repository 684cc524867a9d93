using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Json;

/// <summary>
/// System.Text.Json's knowledge of an element type. Each type has its own options, with a resolver of its own. Options that compare equal
/// share a cache, and a cache that outlives a shipped type would keep its assembly loaded.
/// </summary>
internal static class JsonBinding<T>
{
    private static JsonTypeInfo<T>? s_info;

    /// <exception cref="ArgumentException">The type has a member that JSON cannot hold.</exception>
    public static JsonTypeInfo<T> Info => s_info ??= Create();

    private static JsonTypeInfo<T> Create()
    {
        RowTypes.EnsureData(typeof(T), "JSON");
        var options = new JsonSerializerOptions
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { JsonRules.AllowAbsentNulls } },
            Converters = { new JsonStringEnumConverter(), new UtcTimeConverter() },
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            IncludeFields = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            PropertyNameCaseInsensitive = true,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };
        try
        {
            options.MakeReadOnly();
            return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            throw new ArgumentException($"System.Text.Json cannot handle '{typeof(T)}': {e.Message}", e);
        }
    }
}

/// <summary>
/// A time with an offset becomes one of kind Utc, as in CSV. The library makes it local, and what is local differs from worker to worker.
/// </summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var time = reader.GetDateTime();
        return time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time;
    }

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

internal static class JsonRules
{
    /// <summary>A value that a line lacks is null where null is allowed; elsewhere the constructor needs it.</summary>
    public static void AllowAbsentNulls(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        foreach (var property in type.Properties)
        {
            if (property.AssociatedParameter is { IsNullable: true } parameter
                && (!parameter.ParameterType.IsValueType || Nullable.GetUnderlyingType(parameter.ParameterType) is not null))
            {
                property.IsRequired = false;
            }
        }
    }
}
