using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace MicroSpark.Codecs.Collections;

internal sealed class ListCodec<T> : ClassCodec<List<T>>
{
    private static Codec<T> Item => CodecOf<T>.Instance;

    protected override void WriteContent(ref ValueWriter writer, List<T> value)
    {
        writer.WriteVarint((uint)value.Count);
        Item.WriteRun(ref writer, CollectionsMarshal.AsSpan(value));
    }

    protected override List<T> ReadContent(ref ValueReader reader, int number)
    {
        var item = Item;
        var count = reader.ReadCount(item.MinBytes);
        List<T> value = new(count);
        reader.Register(number, value);
        CollectionsMarshal.SetCount(value, count);
        var items = CollectionsMarshal.AsSpan(value);
        items.Clear();
        item.ReadRun(ref reader, items);
        return value;
    }
}

internal sealed class QueueCodec<T> : FillCodec<Queue<T>, T>
{
    protected override Func<int, Queue<T>> ReadHead(ref ValueReader reader) => static count => new Queue<T>(count);

    protected override T[] ItemsOf(ref ValueWriter writer, Queue<T> value) => value.ToArray();

    protected override void Add(Queue<T> collection, T[] items) => Array.ForEach(items, collection.Enqueue);
}

internal sealed class StackCodec<T> : FillCodec<Stack<T>, T>
{
    protected override Func<int, Stack<T>> ReadHead(ref ValueReader reader) => static count => new Stack<T>(count);

    protected override T[] ItemsOf(ref ValueWriter writer, Stack<T> value) => Bottom(value.ToArray());

    protected override void Add(Stack<T> collection, T[] items) => Array.ForEach(items, collection.Push);

    /// <summary>Stacks list their last item first; pushed in that order they would come out upside down.</summary>
    internal static T[] Bottom(T[] items)
    {
        Array.Reverse(items);
        return items;
    }
}

internal sealed class LinkedListCodec<T> : FillCodec<LinkedList<T>, T>
{
    protected override Func<int, LinkedList<T>> ReadHead(ref ValueReader reader) => static _ => new LinkedList<T>();

    protected override T[] ItemsOf(ref ValueWriter writer, LinkedList<T> value) => [.. value];

    protected override void Add(LinkedList<T> collection, T[] items) => Array.ForEach(items, item => collection.AddLast(item));
}

internal sealed class ConcurrentQueueCodec<T> : FillCodec<ConcurrentQueue<T>, T>
{
    protected override Func<int, ConcurrentQueue<T>> ReadHead(ref ValueReader reader) => static _ => new ConcurrentQueue<T>();

    protected override T[] ItemsOf(ref ValueWriter writer, ConcurrentQueue<T> value) => value.ToArray();

    protected override void Add(ConcurrentQueue<T> collection, T[] items) => Array.ForEach(items, collection.Enqueue);
}

internal sealed class ConcurrentStackCodec<T> : FillCodec<ConcurrentStack<T>, T>
{
    protected override Func<int, ConcurrentStack<T>> ReadHead(ref ValueReader reader) => static _ => new ConcurrentStack<T>();

    protected override T[] ItemsOf(ref ValueWriter writer, ConcurrentStack<T> value) => StackCodec<T>.Bottom(value.ToArray());

    protected override void Add(ConcurrentStack<T> collection, T[] items) => Array.ForEach(items, collection.Push);
}

internal sealed class ConcurrentBagCodec<T> : FillCodec<ConcurrentBag<T>, T>
{
    protected override Func<int, ConcurrentBag<T>> ReadHead(ref ValueReader reader) => static _ => new ConcurrentBag<T>();

    protected override T[] ItemsOf(ref ValueWriter writer, ConcurrentBag<T> value) => StackCodec<T>.Bottom(value.ToArray());

    protected override void Add(ConcurrentBag<T> collection, T[] items) => Array.ForEach(items, collection.Add);
}

/// <summary>The heap as it lies: added at once to an empty queue it stays as it is, equal priorities too.</summary>
internal sealed class PriorityQueueCodec<TElement, TPriority>
    : FillCodec<PriorityQueue<TElement, TPriority>, (TElement Element, TPriority Priority)>
{
    protected override bool LooksAtItems => true;

    protected override void Check((TElement Element, TPriority Priority)[] items) =>
        KeyNesting<TPriority>.Checked(Array.ConvertAll(items, static item => item.Priority));

    protected override void WriteHead(ref ValueWriter writer, PriorityQueue<TElement, TPriority> value) =>
        Comparers.Write(ref writer, value.Comparer);

    protected override Func<int, PriorityQueue<TElement, TPriority>> ReadHead(ref ValueReader reader)
    {
        var comparer = Comparers.ReadOrder<TPriority>(ref reader);
        return count => new PriorityQueue<TElement, TPriority>(count, comparer);
    }

    protected override (TElement Element, TPriority Priority)[] ItemsOf(ref ValueWriter writer, PriorityQueue<TElement, TPriority> value) =>
        [.. value.UnorderedItems];

    protected override void Add(PriorityQueue<TElement, TPriority> collection, (TElement Element, TPriority Priority)[] items) =>
        collection.EnqueueRange(items);
}
