using System.Runtime.InteropServices;
using MicroSpark.Stages.Selecting;
using MicroSpark.Stopping;

namespace MicroSpark.Stages;

/// <summary>
/// The elements that a flat-map's function gave for one element, in runs: an array or a list as it is, anything else pulled in short
/// runs. One per loop, used again for each element. Or gathered: then elements wait until they are a longer run, over the sequences of many
/// elements.
/// </summary>
/// <param name="firstRun">1 so that an endless sequence is read only as far as it is wanted.</param>
/// <param name="loop">The loop that reads it: its end is lowered when no more is to be pulled.</param>
internal sealed class FlatMapBuffer<T>(int firstRun, LoopEnd loop)
{
    public const int LongestRun = 64;

    private const int GatheredRun = 256;

    private T[] _buffer = new T[LongestRun];
    private IEnumerable<T>? _ready;
    private IEnumerator<T>? _items;
    private int _runLength;
    private int _waiting;
    private int _selected;

    /// <summary>Whether no more elements are wanted, because the task is to stop.</summary>
    public bool Stopped => Volatile.Read(ref loop.End) == 0;

    /// <summary>
    /// Room for elements that a compiled <see cref="SelectCall"/> makes: <see cref="Selected"/> comes next. They come behind those that
    /// wait.
    /// </summary>
    public Span<T> RoomFor(int count)
    {
        if (_buffer.Length - _waiting < count)
        {
            Array.Resize(ref _buffer, Math.Max(_waiting + count, GatheredRun));
        }

        return _buffer.AsSpan(_waiting, count);
    }

    /// <summary>What stands for the sequence whose elements were put into <see cref="RoomFor"/>: <see cref="Start"/> knows it.</summary>
    public IEnumerable<T> Selected(int count)
    {
        _selected = count;
        return _buffer;
    }

    public void Start(IEnumerable<T> items)
    {
        if (ReferenceEquals(items, _buffer))
        {
            return;
        }

        // An array of a derived type is no T[] for a span: it is read as a sequence.
        if ((items is T[] && items.GetType() == typeof(T[])) || items is List<T>)
        {
            _ready = items;
            return;
        }

        _items = NotNull(items).GetEnumerator();
        _runLength = firstRun;
    }

    /// <summary>The next run of this sequence; false when there is no more.</summary>
    public bool Next(out ReadOnlySpan<T> run)
    {
        if (_selected > 0)
        {
            run = _buffer.AsSpan(0, _selected);
            _selected = 0;
            return true;
        }

        if (_ready is { } ready)
        {
            _ready = null;
            run = SpanOf(ready);
            return run.Length > 0;
        }

        if (_items is null)
        {
            run = default;
            return false;
        }

        var count = Pull(_items, _buffer.AsSpan(0, _runLength));
        if (count < _runLength)
        {
            Stop();
        }

        _runLength = Math.Min(LongestRun, _runLength * 4);
        run = _buffer.AsSpan(0, count);
        return count > 0;
    }

    /// <summary>
    /// The next run of the waiting elements and this sequence together; false when the sequence's remaining elements wait too.
    /// </summary>
    public bool Gather(out ReadOnlySpan<T> run)
    {
        if (_buffer.Length < GatheredRun)
        {
            Array.Resize(ref _buffer, GatheredRun);
        }

        if (_selected > 0)
        {
            _waiting += _selected;
            _selected = 0;
            run = default;
            return _waiting >= GatheredRun && Rest(out run);
        }

        if (_ready is { } ready)
        {
            var items = SpanOf(ready);
            if (items.Length > GatheredRun - _waiting)
            {
                if (Rest(out run))
                {
                    return true;
                }

                _ready = null;
                run = items;
                return true;
            }

            _ready = null;
            items.CopyTo(_buffer.AsSpan(_waiting));
            _waiting += items.Length;
            run = default;
            return false;
        }

        if (_items is null)
        {
            run = default;
            return false;
        }

        _waiting += Pull(_items, _buffer.AsSpan(_waiting, GatheredRun - _waiting));
        if (_waiting == GatheredRun)
        {
            return Rest(out run);
        }

        Stop();
        run = default;
        return false;
    }

    /// <summary>What waits; false when nothing does.</summary>
    public bool Rest(out ReadOnlySpan<T> run)
    {
        run = _buffer.AsSpan(0, _waiting);
        _waiting = 0;
        return run.Length > 0;
    }

    /// <summary>Lets go of a sequence that was not read to its end.</summary>
    public void Stop()
    {
        _ready = null;
        _items?.Dispose();
        _items = null;
    }

    /// <exception cref="InvalidOperationException">The user's function returned null.</exception>
    public static IEnumerable<T> NotNull(IEnumerable<T>? items) =>
        items ?? throw new InvalidOperationException("The function returned null for an element; return an empty sequence.");

    private static ReadOnlySpan<T> SpanOf(IEnumerable<T> ready) => ready is T[] array ? array : CollectionsMarshal.AsSpan((List<T>)ready);

    // Apart, so that the JIT learns whose enumerators this one loop mostly sees, and inlines theirs.
    private int Pull(IEnumerator<T> items, Span<T> buffer)
    {
        var count = 0;
        while (count < buffer.Length && !Stopped && items.MoveNext())
        {
            buffer[count++] = items.Current;
        }

        return count;
    }
}
