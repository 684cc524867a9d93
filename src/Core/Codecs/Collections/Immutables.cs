using System.Collections.Immutable;

namespace MicroSpark.Codecs.Collections;

/// <summary>0 for the default value, which has no array, else the length + 1 and the elements.</summary>
internal sealed class ImmutableArrayCodec<T> : Codec<ImmutableArray<T>>
{
    public override void Write(ref ValueWriter writer, in ImmutableArray<T> value)
    {
        if (value.IsDefault)
        {
            writer.WriteVarint(0);
            return;
        }

        writer.WriteVarint((uint)value.Length + 1);
        CodecOf<T>.Instance.WriteRun(ref writer, value.AsSpan());
    }

    public override void Read(ref ValueReader reader, out ImmutableArray<T> value)
    {
        var head = reader.ReadVarint();
        if (head == 0)
        {
            value = default;
            return;
        }

        var items = new T[reader.CheckCount(head - 1, CodecOf<T>.Instance.MinBytes)];
        CodecOf<T>.Instance.ReadRun(ref reader, items);
        value = System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(items);
    }
}

internal sealed class ImmutableListCodec<T> : LateCodec<ImmutableList<T>, T>
{
    protected override Func<T[], ImmutableList<T>> ReadHead(ref ValueReader reader) => static items => [.. items];

    protected override T[] ItemsOf(ref ValueWriter writer, ImmutableList<T> value) => [.. value];
}

internal sealed class ImmutableQueueCodec<T> : LateCodec<ImmutableQueue<T>, T>
{
    protected override Func<T[], ImmutableQueue<T>> ReadHead(ref ValueReader reader) => static items => [.. items];

    protected override T[] ItemsOf(ref ValueWriter writer, ImmutableQueue<T> value) => [.. value];
}

internal sealed class ImmutableStackCodec<T> : LateCodec<ImmutableStack<T>, T>
{
    protected override Func<T[], ImmutableStack<T>> ReadHead(ref ValueReader reader) => static items => ImmutableStack.CreateRange(items);

    protected override T[] ItemsOf(ref ValueWriter writer, ImmutableStack<T> value) => StackCodec<T>.Bottom([.. value]);
}

internal sealed class ImmutableHashSetCodec<T> : LateCodec<ImmutableHashSet<T>, T>
{
    protected override void WriteHead(ref ValueWriter writer, ImmutableHashSet<T> value) => Comparers.Write(ref writer, value.KeyComparer);

    protected override Func<T[], ImmutableHashSet<T>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadEquality<T>(ref reader);
        return items => ImmutableHashSet.CreateRange(comparer, KeyNesting<T>.Checked(items));
    }

    protected override T[] ItemsOf(ref ValueWriter writer, ImmutableHashSet<T> value) =>
        HashOrder.Sorted<T, T>([.. value], static item => item, writer.Space);
}

internal sealed class ImmutableSortedSetCodec<T> : LateCodec<ImmutableSortedSet<T>, T>
{
    protected override void WriteHead(ref ValueWriter writer, ImmutableSortedSet<T> value) =>
        Comparers.Write(ref writer, value.KeyComparer);

    protected override Func<T[], ImmutableSortedSet<T>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadOrder<T>(ref reader);
        return items => ImmutableSortedSet.CreateRange(comparer, KeyNesting<T>.Checked(items));
    }

    protected override T[] ItemsOf(ref ValueWriter writer, ImmutableSortedSet<T> value) => [.. value];
}

internal sealed class ImmutableDictionaryCodec<TKey, TValue> : LateCodec<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override void WriteHead(ref ValueWriter writer, ImmutableDictionary<TKey, TValue> value)
    {
        Comparers.Write(ref writer, value.KeyComparer);
        Comparers.Write(ref writer, value.ValueComparer);
    }

    protected override Func<KeyValuePair<TKey, TValue>[], ImmutableDictionary<TKey, TValue>> ReadHead(ref ValueReader reader)
    {
        var keys = Comparers.ReadEquality<TKey>(ref reader);
        var values = Comparers.ReadEquality<TValue>(ref reader);
        return items => ImmutableDictionary.CreateRange(keys, values, KeyNesting<TKey>.Checked(items));
    }

    protected override KeyValuePair<TKey, TValue>[] ItemsOf(ref ValueWriter writer, ImmutableDictionary<TKey, TValue> value) =>
        HashOrder.Sorted<TKey, KeyValuePair<TKey, TValue>>([.. value], static item => item.Key, writer.Space);
}

internal sealed class ImmutableSortedDictionaryCodec<TKey, TValue>
    : LateCodec<ImmutableSortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override void WriteHead(ref ValueWriter writer, ImmutableSortedDictionary<TKey, TValue> value)
    {
        Comparers.Write(ref writer, value.KeyComparer);
        Comparers.Write(ref writer, value.ValueComparer);
    }

    protected override Func<KeyValuePair<TKey, TValue>[], ImmutableSortedDictionary<TKey, TValue>> ReadHead(ref ValueReader reader)
    {
        var keys = Comparers.ReadOrder<TKey>(ref reader);
        var values = Comparers.ReadEquality<TValue>(ref reader);
        return items => ImmutableSortedDictionary.CreateRange(keys, values, KeyNesting<TKey>.Checked(items));
    }

    protected override KeyValuePair<TKey, TValue>[] ItemsOf(ref ValueWriter writer, ImmutableSortedDictionary<TKey, TValue> value) =>
        [.. value];
}
