using System.Buffers.Binary;
using System.Globalization;

namespace MicroSpark.Ordering;

/// <summary>
/// Strings in a culture's order, by the bytes of their sort keys, which compare as the strings do. A sort key costs a few comparisons and
/// is made once for each string: only keys drawn while measuring tell what the others begin with. Where one begins otherwise, it ranks
/// below or above all that do, and is compared with what ranks there too.
/// </summary>
internal sealed class CultureRanking(CompareInfo order, CompareOptions options) : Ranking<string?>
{
    /// <summary>Of so many keys one is drawn.</summary>
    private const int DrawnOf = 64;

    /// <summary>No unit of a text makes more bytes: 18 elements of 8.</summary>
    private const int MostBytesOfUnit = 160;

    /// <summary>Longer texts are asked how long their keys are, in place of room for the longest.</summary>
    private const int LongText = 1024;

    private byte[] _key = [];
    private byte[]? _prefix;
    private int _common;
    private int _seen;

    /// <summary>Whether two keys differ is not known before they are ranked.</summary>
    public override int Bits => 64;

    public override bool IsExact => false;

    /// <summary>Null when the comparer's order is no culture's.</summary>
    public static CultureRanking? Of(IEqualityComparer<string?> comparer) =>
        StringComparer.IsWellKnownCultureAwareComparer(comparer, out var order, out var options)
            ? new CultureRanking(order, options)
            : null;

    public override void Measure(ReadOnlySpan<string?> keys)
    {
        for (var i = (DrawnOf - (_seen % DrawnOf)) % DrawnOf; i < keys.Length; i += DrawnOf)
        {
            if (keys[i] is { } text)
            {
                var key = KeyOf(text);
                _common = _prefix is null ? key.Length : key.CommonPrefixLength(_prefix.AsSpan(0, _common));
                _prefix ??= key.ToArray();
            }
        }

        _seen += keys.Length;
    }

    public override void Rank(ReadOnlySpan<string?> keys, Span<ulong> ranks)
    {
        var prefix = _prefix.AsSpan(0, _common);
        for (var i = 0; i < keys.Length; i++)
        {
            ranks[i] = keys[i] is { } text ? RankOf(KeyOf(text), prefix) : 0;
        }
    }

    private static ulong RankOf(ReadOnlySpan<byte> key, ReadOnlySpan<byte> prefix)
    {
        if (!key.StartsWith(prefix))
        {
            return key.SequenceCompareTo(prefix) < 0 ? 0 : ulong.MaxValue;
        }

        var rest = key[prefix.Length..];
        if (rest.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64BigEndian(rest);
        }

        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        rest.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    private ReadOnlySpan<byte> KeyOf(string text)
    {
        var most = text.Length <= LongText ? (text.Length + 1) * MostBytesOfUnit : order.GetSortKeyLength(text, options);
        if (_key.Length < most)
        {
            _key = GC.AllocateUninitializedArray<byte>(Math.Max(4096, most));
        }

        return _key.AsSpan(0, order.GetSortKey(text, _key, options));
    }
}
