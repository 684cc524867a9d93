using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>References to objects whose type only the object knows.</summary>
internal static class Reference
{
    /// <summary>Writes an object that is not null. <paramref name="declared"/> is the codec of the declared type.</summary>
    public static void WriteOther(ref ValueWriter writer, object value, Codec declared)
    {
        var codec = RuntimeCodec.Of(value.GetType());
        if (codec.IsTracked && writer.TryWriteBackReference(value))
        {
            return;
        }

        if (ReferenceEquals(codec, declared))
        {
            // One codec for a family of internal types, such as FrozenSet<T>.
            writer.WriteByte(Header.New);
        }
        else
        {
            if (!codec.IsConcrete)
            {
                // Says why before the type itself would be refused as unknown.
                codec.WriteContent(ref writer, value);
            }

            writer.WriteByte(Header.Other);
            writer.WriteType(codec.Type, value);
        }

        codec.WriteContent(ref writer, value);
        if (codec.IsTracked)
        {
            writer.Leave(value);
        }
    }

    public static T ReadOther<T>(ref ValueReader reader, byte header)
        where T : class
    {
        switch (header)
        {
            case Header.Seen:
                var seen = reader.Resolve(reader.ReadVarint());
                return seen as T ?? throw ValueReader.Corrupt($"a reference leads to a {seen.GetType()} where {typeof(T)} is declared");
            case Header.Other:
                var entry = reader.ReadTypeEntry();
                var other = CodecBehind(typeof(T), entry).ReadContent(ref reader);

                // Mostly it is of the very type that was checked to fit. A family's head may give any type of the family, and a text, whose
                // content has no header, may turn out to be none.
                return other?.GetType() == entry.Type
                    ? Unsafe.As<T>(other)
                    : other as T
                        ?? throw ValueReader.Corrupt($"a {other?.GetType().ToString() ?? "null"} stands where {typeof(T)} is declared");
            case Header.Rest:
                var rest = ObjectCodec.ReadRest(ref reader);
                return rest as T ?? throw ValueReader.Corrupt($"a reference leads to a {rest.GetType()} where {typeof(T)} is declared");
            default:
                throw ValueReader.Corrupt($"{header} is no header of a {typeof(T)}");
        }
    }

    /// <summary>The codec for a value of this very type behind a field of the declared one.</summary>
    private static Codec CodecBehind(Type declared, TypeEntry entry)
    {
        if (!ReferenceEquals(entry.Declared, declared))
        {
            Check(declared, entry);
            entry.Declared = declared;
        }

        return RuntimeCodec.Of(entry.Type, entry.Hash);
    }

    private static void Check(Type declared, TypeEntry entry)
    {
        var type = entry.Type;
        if (type.ContainsGenericParameters || !declared.IsAssignableFrom(type))
        {
            throw ValueReader.Corrupt($"a {type} stands where {declared} is declared");
        }

        if (entry.Declared is null && RuntimeCodec.Of(type, entry.Hash) is var codec && (!codec.IsConcrete || codec.Type != type))
        {
            throw ValueReader.Corrupt($"{type} is not a type that values have");
        }
    }
}
