namespace MicroSpark.Codecs.Collections;

internal sealed class HashSetCodec<T> : FillCodec<HashSet<T>, T>
{
    protected override bool LooksAtItems => !typeof(T).IsPrimitive && typeof(T) != typeof(string);

    protected override void Check(T[] items) => KeyNesting<T>.Checked(items);

    protected override void WriteHead(ref ValueWriter writer, HashSet<T> value) => Comparers.Write(ref writer, value.Comparer);

    protected override Func<int, HashSet<T>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadEquality<T>(ref reader);
        return count => new HashSet<T>(count, comparer);
    }

    protected override T[] ItemsOf(ref ValueWriter writer, HashSet<T> value) => [.. value];

    protected override void Add(HashSet<T> collection, T[] items)
    {
        foreach (var item in items)
        {
            Require(collection.Add(item));
        }
    }
}

internal sealed class SortedSetCodec<T> : FillCodec<SortedSet<T>, T>
{
    protected override bool LooksAtItems => !typeof(T).IsPrimitive && typeof(T) != typeof(string);

    protected override void Check(T[] items) => KeyNesting<T>.Checked(items);

    protected override void WriteHead(ref ValueWriter writer, SortedSet<T> value) => Comparers.Write(ref writer, value.Comparer);

    protected override Func<int, SortedSet<T>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadOrder<T>(ref reader);
        return _ => new SortedSet<T>(comparer);
    }

    protected override T[] ItemsOf(ref ValueWriter writer, SortedSet<T> value) => [.. value];

    protected override void Add(SortedSet<T> collection, T[] items)
    {
        foreach (var item in items)
        {
            Require(collection.Add(item));
        }
    }
}
