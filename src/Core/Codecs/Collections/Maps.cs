using System.Collections.Concurrent;

namespace MicroSpark.Codecs.Collections;

/// <summary>A map as its comparer and its pairs.</summary>
internal abstract class MapCodec<TMap, TKey, TValue> : FillCodec<TMap, KeyValuePair<TKey, TValue>>
    where TMap : class, ICollection<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override bool LooksAtItems => !typeof(TKey).IsPrimitive && typeof(TKey) != typeof(string);

    protected override void Check(KeyValuePair<TKey, TValue>[] items) => KeyNesting<TKey>.Checked(items);

    protected override KeyValuePair<TKey, TValue>[] ItemsOf(ref ValueWriter writer, TMap value)
    {
        var items = new KeyValuePair<TKey, TValue>[value.Count];
        value.CopyTo(items, 0);
        return items;
    }
}

internal sealed class DictionaryCodec<TKey, TValue> : MapCodec<Dictionary<TKey, TValue>, TKey, TValue>
    where TKey : notnull
{
    protected override void WriteHead(ref ValueWriter writer, Dictionary<TKey, TValue> value) =>
        Comparers.Write(ref writer, value.Comparer);

    protected override Func<int, Dictionary<TKey, TValue>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadEquality<TKey>(ref reader);
        return count => new Dictionary<TKey, TValue>(count, comparer);
    }

    protected override void Add(Dictionary<TKey, TValue> collection, KeyValuePair<TKey, TValue>[] items)
    {
        foreach (var item in items)
        {
            collection.Add(item.Key, item.Value);
        }
    }
}

internal sealed class OrderedDictionaryCodec<TKey, TValue> : MapCodec<OrderedDictionary<TKey, TValue>, TKey, TValue>
    where TKey : notnull
{
    protected override void WriteHead(ref ValueWriter writer, OrderedDictionary<TKey, TValue> value) =>
        Comparers.Write(ref writer, value.Comparer);

    protected override Func<int, OrderedDictionary<TKey, TValue>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadEquality<TKey>(ref reader);
        return count => new OrderedDictionary<TKey, TValue>(count, comparer);
    }

    protected override void Add(OrderedDictionary<TKey, TValue> collection, KeyValuePair<TKey, TValue>[] items)
    {
        foreach (var item in items)
        {
            collection.Add(item.Key, item.Value);
        }
    }
}

internal sealed class SortedDictionaryCodec<TKey, TValue> : MapCodec<SortedDictionary<TKey, TValue>, TKey, TValue>
    where TKey : notnull
{
    protected override void WriteHead(ref ValueWriter writer, SortedDictionary<TKey, TValue> value) =>
        Comparers.Write(ref writer, value.Comparer);

    protected override Func<int, SortedDictionary<TKey, TValue>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadOrder<TKey>(ref reader);
        return _ => new SortedDictionary<TKey, TValue>(comparer);
    }

    protected override void Add(SortedDictionary<TKey, TValue> collection, KeyValuePair<TKey, TValue>[] items)
    {
        foreach (var item in items)
        {
            collection.Add(item.Key, item.Value);
        }
    }
}

internal sealed class SortedListCodec<TKey, TValue> : MapCodec<SortedList<TKey, TValue>, TKey, TValue>
    where TKey : notnull
{
    protected override void WriteHead(ref ValueWriter writer, SortedList<TKey, TValue> value) =>
        Comparers.Write(ref writer, value.Comparer);

    protected override Func<int, SortedList<TKey, TValue>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadOrder<TKey>(ref reader);
        return count => new SortedList<TKey, TValue>(count, comparer);
    }

    protected override void Add(SortedList<TKey, TValue> collection, KeyValuePair<TKey, TValue>[] items)
    {
        foreach (var item in items)
        {
            collection.Add(item.Key, item.Value);
        }
    }
}

internal sealed class ConcurrentDictionaryCodec<TKey, TValue> : MapCodec<ConcurrentDictionary<TKey, TValue>, TKey, TValue>
    where TKey : notnull
{
    protected override void WriteHead(ref ValueWriter writer, ConcurrentDictionary<TKey, TValue> value) =>
        Comparers.Write(ref writer, value.Comparer);

    protected override Func<int, ConcurrentDictionary<TKey, TValue>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadEquality<TKey>(ref reader);
        return _ => new ConcurrentDictionary<TKey, TValue>(comparer);
    }

    // ToArray, not CopyTo: another thread may be adding.
    protected override KeyValuePair<TKey, TValue>[] ItemsOf(ref ValueWriter writer, ConcurrentDictionary<TKey, TValue> value) =>
        HashOrder.Sorted(value.ToArray(), static item => item.Key, writer.Space);

    protected override void Add(ConcurrentDictionary<TKey, TValue> collection, KeyValuePair<TKey, TValue>[] items)
    {
        foreach (var item in items)
        {
            Require(collection.TryAdd(item.Key, item.Value));
        }
    }
}
