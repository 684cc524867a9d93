using System.Globalization;

namespace MicroSpark.Codecs.Collections;

/// <summary>The comparer of a collection; the default one is written as null.</summary>
internal static class Comparers
{
    public static void Write<T>(ref ValueWriter writer, IEqualityComparer<T>? comparer) =>
        writer.WriteValue(ReferenceEquals(comparer, EqualityComparer<T>.Default) ? null : comparer);

    public static void Write<T>(ref ValueWriter writer, IComparer<T>? comparer) =>
        writer.WriteValue(ReferenceEquals(comparer, Comparer<T>.Default) ? null : comparer);

    public static IEqualityComparer<T>? ReadEquality<T>(ref ValueReader reader) => reader.ReadValue<IEqualityComparer<T>?>();

    public static IComparer<T>? ReadOrder<T>(ref ValueReader reader) => reader.ReadValue<IComparer<T>?>();
}

/// <summary>The default comparers: nothing is written, and the reader's own default is taken.</summary>
internal sealed class DefaultEqualityCodec<T> : ClassCodec<EqualityComparer<T>>
{
    public override bool IsTracked => false;

    protected override bool IsDeep => false;

    protected override void WriteContent(ref ValueWriter writer, EqualityComparer<T> value)
    {
    }

    protected override EqualityComparer<T> ReadContent(ref ValueReader reader, int number) => EqualityComparer<T>.Default;
}

/// <inheritdoc cref="DefaultEqualityCodec{T}" />
internal sealed class DefaultOrderCodec<T> : ClassCodec<Comparer<T>>
{
    public override bool IsTracked => false;

    protected override bool IsDeep => false;

    protected override void WriteContent(ref ValueWriter writer, Comparer<T> value)
    {
    }

    protected override Comparer<T> ReadContent(ref ValueReader reader, int number) => Comparer<T>.Default;
}

/// <summary>The comparers of strings: ordinal ones by kind, those of a culture by its name and options.</summary>
internal sealed class StringComparerCodec : ClassCodec<StringComparer>
{
    private const byte Ordinal = 0;
    private const byte OrdinalIgnoreCase = 1;
    private const byte OfCulture = 2;

    public override bool IsTracked => false;

    protected override bool IsDeep => false;

    protected override void WriteContent(ref ValueWriter writer, StringComparer value)
    {
        if (StringComparer.IsWellKnownOrdinalComparer(value, out var ignoreCase))
        {
            writer.WriteByte(ignoreCase ? OrdinalIgnoreCase : Ordinal);
        }
        else if (StringComparer.IsWellKnownCultureAwareComparer(value, out var compareInfo, out var options))
        {
            writer.WriteByte(OfCulture);
            writer.WriteString(compareInfo.Name);
            writer.WriteVarint((uint)options);
        }
        else
        {
            throw new NotEncodableException(
                "", $"it is a comparer of an unknown kind, {value.GetType()}. Use one of StringComparer's own.", value);
        }
    }

    protected override StringComparer ReadContent(ref ValueReader reader, int number)
    {
        switch (reader.ReadByte())
        {
            case Ordinal:
                return StringComparer.Ordinal;
            case OrdinalIgnoreCase:
                return StringComparer.OrdinalIgnoreCase;
            case OfCulture:
                var culture = reader.ReadString();
                var options = reader.ReadVarint();
                try
                {
                    return StringComparer.Create(CultureInfo.GetCultureInfo(culture ?? ""), (CompareOptions)options);
                }
                catch (ArgumentException error)
                {
                    throw ValueReader.Corrupt($"no comparer of the culture '{culture}' can be made: {error.Message}");
                }

            case byte kind:
                throw ValueReader.Corrupt($"{kind} is no kind of StringComparer");
        }
    }
}
