using MicroSpark.Code;

namespace MicroSpark.Codecs.Collections;

/// <summary>
/// An order for collections that enumerate by hash code. Hash codes of strings and tuples differ from process to process; encodings, of
/// which lineage ids are made, must not.
/// </summary>
internal static class HashOrder
{
    /// <summary>Sorts items by their keys' encodings, unless the keys' hash codes are the same everywhere.</summary>
    public static TItem[] Sorted<TKey, TItem>(TItem[] items, Func<TItem, TKey> keyOf, CodeSpace space)
    {
        if (typeof(TKey).IsPrimitive || typeof(TKey).IsEnum || items.Length < 2)
        {
            return items;
        }

        if (typeof(TKey) == typeof(string))
        {
            var texts = Array.ConvertAll(items, item => (string?)(object?)keyOf(item));
            Array.Sort(texts, items, StringComparer.Ordinal);
            return items;
        }

        var keys = Array.ConvertAll(items, item => ValueCodec.Encode(keyOf(item), space));
        Array.Sort(keys, items, Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right)));
        return items;
    }
}
