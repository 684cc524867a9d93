using MicroSpark.SharedVariables;

namespace MicroSpark;

/// <summary>Gathers items, such as examples of bad rows: in the order of the partitions, and in a partition as they were added.</summary>
/// <remarks>For a few thousand items: all of them end in the program's memory, and one task may add up to 4 MB of them.</remarks>
/// <typeparam name="T">Any type that can travel.</typeparam>
public sealed class CollectionAccumulator<T> : Accumulator<T, IReadOnlyList<T>>
{
    private List<T> _items = [];

    /// <summary>The items so far; later ones do not appear in it.</summary>
    /// <exception cref="InvalidOperationException">Read inside a task.</exception>
    public override IReadOnlyList<T> Value
    {
        get
        {
            EnsureReadable();
            lock (_items)
            {
                return _items.ToArray().AsReadOnly();
            }
        }
    }

    /// <inheritdoc />
    public override bool IsZero => _items.Count == 0;

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">One task added more than may travel.</exception>
    public override void Add(T item)
    {
        // Each item takes a byte or more.
        if (IsInTask && _items.Count == AccumulatorUpdates.Largest)
        {
            throw AccumulatorUpdates.TooLarge(this, _items.Count);
        }

        lock (_items)
        {
            _items.Add(item);
        }
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">It is no <see cref="CollectionAccumulator{T}"/> of the same type.</exception>
    public override void Merge(Accumulator<T, IReadOnlyList<T>> other)
    {
        var items = Same<CollectionAccumulator<T>>(other)._items;
        lock (_items)
        {
            _items.AddRange(items);
        }
    }

    /// <inheritdoc />
    public override CollectionAccumulator<T> Copy()
    {
        lock (_items)
        {
            return new() { _items = [.. _items] };
        }
    }

    /// <inheritdoc />
    public override void Reset()
    {
        lock (_items)
        {
            _items.Clear();
        }
    }
}
