using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using MicroSpark.Model;

namespace MicroSpark.Codecs.Leaves;

/// <summary>A framework class that is written as a few plain values and made anew from them.</summary>
internal abstract class LeafCodec<T> : ClassCodec<T>
    where T : class
{
    protected override bool IsDeep => false;

    protected sealed override T ReadContent(ref ValueReader reader, int number)
    {
        try
        {
            return Make(ref reader);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or InvalidTimeZoneException
            or NotSupportedException or System.Runtime.Serialization.SerializationException)
        {
            throw ValueReader.Corrupt($"no {typeof(T)} can be made of it: {error.Message}");
        }
    }

    protected abstract T Make(ref ValueReader reader);
}

internal sealed class UriCodec : LeafCodec<Uri>
{
    protected override void WriteContent(ref ValueWriter writer, Uri value)
    {
        writer.WriteByte((byte)(value.IsAbsoluteUri ? UriKind.Absolute : UriKind.Relative));
        writer.WriteString(value.OriginalString);
    }

    protected override Uri Make(ref ValueReader reader)
    {
        var kind = (UriKind)reader.ReadByte();
        return new Uri(reader.ReadString() ?? throw ValueReader.Corrupt("a Uri has no text"), kind);
    }
}

internal sealed class VersionCodec : LeafCodec<Version>
{
    protected override void WriteContent(ref ValueWriter writer, Version value) => writer.WriteString(value.ToString());

    protected override Version Make(ref ValueReader reader) => Version.Parse(reader.ReadString() ?? "");
}

internal sealed class StringBuilderCodec : LeafCodec<StringBuilder>
{
    protected override void WriteContent(ref ValueWriter writer, StringBuilder value) => writer.WriteString(value.ToString());

    protected override StringBuilder Make(ref ValueReader reader) => new(reader.ReadString());
}

/// <summary>
/// A regular expression by its pattern; one that the compiler generated is interpreted or compiled again as its options say.
/// </summary>
internal sealed class RegexCodec : LeafCodec<Regex>
{
    protected override void WriteContent(ref ValueWriter writer, Regex value)
    {
        writer.WriteString(value.ToString());
        writer.WriteVarint((uint)value.Options);
        writer.WriteLongVarint((ulong)value.MatchTimeout.Ticks);
    }

    protected override Regex Make(ref ValueReader reader)
    {
        var pattern = reader.ReadString() ?? "";
        var options = (RegexOptions)reader.ReadVarint();
        return new Regex(pattern, options, TimeSpan.FromTicks((long)reader.ReadLongVarint()));
    }
}

internal sealed class CultureCodec : LeafCodec<CultureInfo>
{
    protected override void WriteContent(ref ValueWriter writer, CultureInfo value)
    {
        if (!value.IsReadOnly && !HasStockFormats(value))
        {
            throw new NotEncodableException(
                "", $"it is the culture '{value.Name}' with formats of its own. Change them inside the task.", value);
        }

        writer.WriteString(value.Name);
    }

    protected override CultureInfo Make(ref ValueReader reader) => CultureInfo.GetCultureInfo(reader.ReadString() ?? "");

    private static bool HasStockFormats(CultureInfo culture)
    {
        var stock = CultureInfo.GetCultureInfo(culture.Name);
        (var ours, var numbers) = (culture.NumberFormat, stock.NumberFormat);
        (var our, var dates) = (culture.DateTimeFormat, stock.DateTimeFormat);
        return culture.GetType() == typeof(CultureInfo)
            && ours.NumberDecimalSeparator == numbers.NumberDecimalSeparator && ours.NumberGroupSeparator == numbers.NumberGroupSeparator
            && ours.NumberDecimalDigits == numbers.NumberDecimalDigits && ours.NegativeSign == numbers.NegativeSign
            && ours.CurrencySymbol == numbers.CurrencySymbol && ours.CurrencyDecimalSeparator == numbers.CurrencyDecimalSeparator
            && our.ShortDatePattern == dates.ShortDatePattern && our.LongDatePattern == dates.LongDatePattern
            && our.ShortTimePattern == dates.ShortTimePattern && our.LongTimePattern == dates.LongTimePattern
            && our.DateSeparator == dates.DateSeparator && our.TimeSeparator == dates.TimeSeparator;
    }
}

/// <summary>An encoding by its code page; UTF-8 also by whether it starts with a mark and throws on invalid input.</summary>
internal sealed class EncodingCodec : LeafCodec<Encoding>
{
    private const byte Utf8Mark = 1;
    private const byte Throws = 2;

    protected override void WriteContent(ref ValueWriter writer, Encoding value)
    {
        writer.WriteVarint((uint)value.CodePage);
        writer.WriteByte(
            (byte)((value.Preamble.Length > 0 ? Utf8Mark : 0) | (value.DecoderFallback is DecoderExceptionFallback ? Throws : 0)));
    }

    protected override Encoding Make(ref ValueReader reader)
    {
        var codePage = (int)reader.ReadVarint();
        var flags = reader.ReadByte();
        var throws = (flags & Throws) != 0;
        try
        {
            return codePage == Encoding.UTF8.CodePage ? new UTF8Encoding((flags & Utf8Mark) != 0, throws)
                : throws ? Encoding.GetEncoding(codePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                : Encoding.GetEncoding(codePage);
        }
        catch (NotSupportedException)
        {
            throw ValueReader.Corrupt($"the code page {codePage} is not known here");
        }
    }
}

/// <summary>
/// A zone of the system by its name, with a hash of its rules: the framework's own text of one cannot be read back for most zones. One
/// that the program made itself travels as that text.
/// </summary>
internal sealed class TimeZoneCodec : LeafCodec<TimeZoneInfo>
{
    private const byte Custom = 0;
    private const byte OfSystem = 1;

    protected override void WriteContent(ref ValueWriter writer, TimeZoneInfo value)
    {
        if (TimeZoneInfo.TryFindSystemTimeZoneById(value.Id, out var known) && known.HasSameRules(value))
        {
            writer.WriteByte(OfSystem);
            writer.WriteString(value.Id);
            writer.WriteString(LocalZone.RulesOf(value));
            return;
        }

        writer.WriteByte(Custom);
        writer.WriteString(value.ToSerializedString());
    }

    protected override TimeZoneInfo Make(ref ValueReader reader)
    {
        var kind = reader.ReadByte();
        var text = reader.ReadString() ?? "";
        if (kind == Custom)
        {
            return TimeZoneInfo.FromSerializedString(text);
        }

        var rules = reader.ReadString();
        var known = TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone);
        return known && LocalZone.RulesOf(zone!) == rules
            ? zone!
            : throw new InvalidDataException(
                $"The time zone '{text}' {(known ? "has other rules" : "is not known")} here than where the value comes from. Bring the "
                + "time zone data (the package tzdata) of both to the same version.");
    }
}

internal sealed class IPAddressCodec : LeafCodec<IPAddress>
{
    protected override void WriteContent(ref ValueWriter writer, IPAddress value) => writer.WriteString(value.ToString());

    protected override IPAddress Make(ref ValueReader reader) => IPAddress.Parse(reader.ReadString() ?? "");
}

internal sealed class IPEndPointCodec : LeafCodec<IPEndPoint>
{
    protected override void WriteContent(ref ValueWriter writer, IPEndPoint value) => writer.WriteString(value.ToString());

    protected override IPEndPoint Make(ref ValueReader reader) => IPEndPoint.Parse(reader.ReadString() ?? "");
}
