using System.Runtime.CompilerServices;

namespace MicroSpark.Memory;

/// <summary>Writes one sequence of elements as frames. Frames end by count and size of what they hold alone.</summary>
internal sealed class SpillWriter<T>(SpillFile file) : IDisposable
{
    private const int Smallest = 256;

    private readonly List<FileRange> _ranges = [];
    private readonly int _full = Frame.ElementsOf<T>();
    private T[] _items = [];
    private int _count;
    private long _written;
    private long _bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T item)
    {
        if (_count == _items.Length)
        {
            Grow();
        }

        _items[_count++] = item;
    }

    public void Add(ReadOnlySpan<T> items)
    {
        if (_count > 0 && _count + items.Length > _full)
        {
            FlushAll();
        }

        // Whole frames go out from where they lie.
        while (items.Length >= _full)
        {
            items = items[WriteFrame(items)..];
        }

        foreach (var item in items)
        {
            Add(item);
        }
    }

    /// <summary>Ends the sequence. The writer takes no more.</summary>
    public SpilledSequence Complete()
    {
        FlushAll();
        Dispose();
        return new SpilledSequence(_ranges.ToArray(), _written, _bytes);
    }

    public void Dispose()
    {
        _items = [];
        _count = 0;
    }

    private void Grow()
    {
        if (_count < _full)
        {
            Array.Resize(ref _items, Math.Min(Math.Max(Smallest, _count * 2), _full));
            return;
        }

        // One frame at least; what is left of large elements moves to the front.
        var written = WriteFrame(_items);
        _items.AsSpan(written).CopyTo(_items);
        _count -= written;
        ClearBehind();
    }

    private void FlushAll()
    {
        for (var at = 0; at < _count;)
        {
            at += WriteFrame(_items.AsSpan(at, _count - at));
        }

        _count = 0;
        ClearBehind();
    }

    private int WriteFrame(ReadOnlySpan<T> items)
    {
        var (count, range) = file.WriteFrame(items);
        if (_ranges.Count > 0 && _ranges[^1] is var last && last.Offset + last.Length == range.Offset)
        {
            _ranges[^1] = new FileRange(last.Offset, last.Length + range.Length);
        }
        else
        {
            _ranges.Add(range);
        }

        _written += count;
        _bytes += range.Length;
        return count;
    }

    /// <summary>What was written must not be kept alive by the buffer.</summary>
    private void ClearBehind()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            _items.AsSpan(_count).Clear();
        }
    }
}
