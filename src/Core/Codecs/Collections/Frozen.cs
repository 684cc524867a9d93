using System.Collections.Frozen;
using System.Collections.ObjectModel;
using System.Reflection;

namespace MicroSpark.Codecs.Collections;

internal sealed class FrozenSetCodec<T> : LateCodec<FrozenSet<T>, T>
{
    protected override void WriteHead(ref ValueWriter writer, FrozenSet<T> value) => Comparers.Write(ref writer, value.Comparer);

    protected override Func<T[], FrozenSet<T>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadEquality<T>(ref reader);
        return items => KeyNesting<T>.Checked(items).ToFrozenSet(comparer);
    }

    protected override T[] ItemsOf(ref ValueWriter writer, FrozenSet<T> value) =>
        HashOrder.Sorted<T, T>([.. value], static item => item, writer.Space);
}

internal sealed class FrozenDictionaryCodec<TKey, TValue> : LateCodec<FrozenDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override void WriteHead(ref ValueWriter writer, FrozenDictionary<TKey, TValue> value) =>
        Comparers.Write(ref writer, value.Comparer);

    protected override Func<KeyValuePair<TKey, TValue>[], FrozenDictionary<TKey, TValue>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadEquality<TKey>(ref reader);
        return items => KeyNesting<TKey>.Checked(items).ToFrozenDictionary(comparer);
    }

    protected override KeyValuePair<TKey, TValue>[] ItemsOf(ref ValueWriter writer, FrozenDictionary<TKey, TValue> value) =>
        HashOrder.Sorted<TKey, KeyValuePair<TKey, TValue>>([.. value], static item => item.Key, writer.Space);
}

/// <summary>A view of a dictionary: the dictionary behind it travels.</summary>
internal sealed class ReadOnlyDictionaryCodec<TKey, TValue> : ClassCodec<ReadOnlyDictionary<TKey, TValue>>
    where TKey : notnull
{
    private static readonly FieldInfo s_inner =
        typeof(ReadOnlyDictionary<TKey, TValue>).GetField("m_dictionary", BindingFlags.Instance | BindingFlags.NonPublic)!;

    protected override void WriteContent(ref ValueWriter writer, ReadOnlyDictionary<TKey, TValue> value) =>
        writer.WriteValue((IDictionary<TKey, TValue>)s_inner.GetValue(value)!);

    protected override ReadOnlyDictionary<TKey, TValue> ReadContent(ref ValueReader reader, int number) =>
        new(reader.ReadValue<IDictionary<TKey, TValue>?>() ?? throw ValueReader.Corrupt("a view of a dictionary has no dictionary"));
}

/// <summary>What ToLookup returns: the comparer and the pairs, group after group.</summary>
internal sealed class LookupCodec<TKey, TElement> : LateCodec<Lookup<TKey, TElement>, KeyValuePair<TKey, TElement>>
{
    private static readonly FieldInfo? s_comparer =
        typeof(Lookup<TKey, TElement>).GetField("_comparer", BindingFlags.Instance | BindingFlags.NonPublic);

    protected override void WriteHead(ref ValueWriter writer, Lookup<TKey, TElement> value)
    {
        if (s_comparer is null)
        {
            throw new NotEncodableException(
                "", "it is a Lookup, whose comparer cannot be read on this version of .NET. Use a dictionary of lists.", value);
        }

        Comparers.Write(ref writer, (IEqualityComparer<TKey>?)s_comparer.GetValue(value));
    }

    protected override Func<KeyValuePair<TKey, TElement>[], Lookup<TKey, TElement>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadEquality<TKey>(ref reader);
        return items => (Lookup<TKey, TElement>)KeyNesting<TKey>.Checked(items).ToLookup(
            static item => item.Key, static item => item.Value, comparer);
    }

    protected override KeyValuePair<TKey, TElement>[] ItemsOf(ref ValueWriter writer, Lookup<TKey, TElement> value) =>
        [.. value.SelectMany(static group => group, static (group, element) => new KeyValuePair<TKey, TElement>(group.Key, element))];
}
