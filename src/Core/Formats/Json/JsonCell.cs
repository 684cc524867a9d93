using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MicroSpark.Formats.Json;

/// <summary>Where a value lies that the library has read for a member: no box, and one object for all rows.</summary>
internal abstract class JsonCell
{
    /// <summary>Reads a value from its own text, as it would be read within its row.</summary>
    /// <param name="allowsNull">Whether the member may be null.</param>
    /// <returns>False when it is refused: the library says why when it reads the whole row.</returns>
    public abstract bool TryRead(ReadOnlySpan<byte> json, bool allowsNull);

    /// <summary>A constructor's default value, or null for that of the type.</summary>
    public abstract void Set(object? value);
}

/// <inheritdoc/>
internal sealed class JsonCell<T>(JsonTypeInfo<T> info) : JsonCell
{
    public T? Value;

    public override bool TryRead(ReadOnlySpan<byte> json, bool allowsNull)
    {
        try
        {
            Value = JsonSerializer.Deserialize(json, info);
            return Value is not null || allowsNull;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    public override void Set(object? value) => Value = value is null ? default : (T)value;
}
