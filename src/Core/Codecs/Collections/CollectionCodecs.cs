namespace MicroSpark.Codecs.Collections;

/// <summary>
/// A collection as its head (such as a comparer), the count and a run of its items. The collection exists before its items are read, so
/// that they may refer to it.
/// </summary>
internal abstract class FillCodec<TCollection, TItem> : ClassCodec<TCollection>
    where TCollection : class
{
    /// <summary>So many bytes that follow make room for one item in advance.</summary>
    private const int BytesForRoom = 4;

    /// <summary>
    /// Whether adding an item asks it for its hash or order. An item that is part of a cycle through the collection may not be complete
    /// when it has been read; such collections are filled when the whole value is.
    /// </summary>
    protected virtual bool LooksAtItems => false;

    /// <summary>Refuses items that must not be asked, where <see cref="LooksAtItems"/>.</summary>
    protected virtual void Check(TItem[] items)
    {
    }

    protected override void WriteContent(ref ValueWriter writer, TCollection value)
    {
        WriteHead(ref writer, value);
        var items = ItemsOf(ref writer, value);
        writer.WriteVarint((uint)items.Length);
        CodecOf<TItem>.Instance.WriteRun(ref writer, items);
    }

    protected override TCollection ReadContent(ref ValueReader reader, int number)
    {
        var create = ReadHead(ref reader);
        var codec = CodecOf<TItem>.Instance;
        var count = reader.ReadCount(codec.MinBytes);

        // Room for what the bytes can back: a table's entry takes more memory than the shortest item has bytes. It grows when it must.
        var value = create(Math.Min(count, reader.Remaining / BytesForRoom));
        reader.Register(number, value);
        var items = new TItem[count];
        var state = reader.State;
        (var lowest, var deferred) = (state.LowestBackReference, state.Deferred.Count);
        state.LowestBackReference = int.MaxValue;
        codec.ReadRun(ref reader, items);
        if (LooksAtItems && (state.LowestBackReference <= number || state.Deferred.Count > deferred))
        {
            reader.Defer(() => Fill(value, items));
        }
        else
        {
            Fill(value, items);
        }

        state.LowestBackReference = Math.Min(lowest, state.LowestBackReference);
        return value;
    }

    protected virtual void WriteHead(ref ValueWriter writer, TCollection value)
    {
    }

    /// <summary>Reads the head; the result makes the empty collection with room for so many items.</summary>
    protected abstract Func<int, TCollection> ReadHead(ref ValueReader reader);

    protected abstract TItem[] ItemsOf(ref ValueWriter writer, TCollection value);

    protected abstract void Add(TCollection collection, TItem[] items);

    protected static void Require(bool added)
    {
        if (!added)
        {
            throw ValueReader.Corrupt("a key occurs twice");
        }
    }

    private void Fill(TCollection collection, TItem[] items)
    {
        try
        {
            Check(items);
            Add(collection, items);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            throw ValueReader.Corrupt($"the items do not make a {typeof(TCollection)}: {error.Message}");
        }
    }
}

/// <summary>A collection that cannot change, and so exists only after its items: it cannot be inside itself.</summary>
internal abstract class LateCodec<TCollection, TItem> : ClassCodec<TCollection>
    where TCollection : class
{
    protected override void WriteContent(ref ValueWriter writer, TCollection value)
    {
        WriteHead(ref writer, value);
        var items = ItemsOf(ref writer, value);
        writer.WriteVarint((uint)items.Length);
        var open = writer.State.OpenLate;
        open.Add(value);
        CodecOf<TItem>.Instance.WriteRun(ref writer, items);
        open.RemoveAt(open.Count - 1);
    }

    protected override TCollection ReadContent(ref ValueReader reader, int number)
    {
        var build = ReadHead(ref reader);
        var codec = CodecOf<TItem>.Instance;
        var items = new TItem[reader.ReadCount(codec.MinBytes)];
        codec.ReadRun(ref reader, items);
        try
        {
            return build(items);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            throw ValueReader.Corrupt($"the items do not make a {typeof(TCollection)}: {error.Message}");
        }
    }

    protected virtual void WriteHead(ref ValueWriter writer, TCollection value)
    {
    }

    /// <summary>Reads the head; the result makes the collection of its items.</summary>
    protected abstract Func<TItem[], TCollection> ReadHead(ref ValueReader reader);

    protected abstract TItem[] ItemsOf(ref ValueWriter writer, TCollection value);
}
