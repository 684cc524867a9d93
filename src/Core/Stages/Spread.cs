using System.Runtime.InteropServices;

namespace MicroSpark.Stages;

/// <summary>
/// The elements that a flat-map's function gave for one element, in runs: an array or a list as it is, anything else pulled in short
/// runs. One per loop, used again for each element.
/// </summary>
/// <param name="firstRun">1 so that an endless sequence is read only as far as it is wanted.</param>
internal sealed class Spread<T>(int firstRun)
{
    public const int LongestRun = 64;

    private readonly T[] _buffer = new T[LongestRun];
    private IEnumerable<T>? _ready;
    private IEnumerator<T>? _items;
    private int _runLength;

    public void Start(IEnumerable<T> items)
    {
        // An array of a derived type is no T[] for a span: it is read as a sequence.
        if ((items is T[] && items.GetType() == typeof(T[])) || items is List<T>)
        {
            _ready = items;
            return;
        }

        _items = NotNull(items).GetEnumerator();
        _runLength = firstRun;
    }

    public bool Next(out ReadOnlySpan<T> run)
    {
        if (_ready is { } ready)
        {
            _ready = null;
            run = ready is T[] array ? array : CollectionsMarshal.AsSpan((List<T>)ready);
            return run.Length > 0;
        }

        if (_items is null)
        {
            run = default;
            return false;
        }

        var count = 0;
        while (count < _runLength)
        {
            if (!_items.MoveNext())
            {
                Stop();
                break;
            }

            _buffer[count++] = _items.Current;
        }

        _runLength = Math.Min(LongestRun, _runLength * 4);
        run = _buffer.AsSpan(0, count);
        return count > 0;
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
}
