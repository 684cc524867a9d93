namespace MicroSpark.Grains.Jobs;

/// <summary>
/// A list that grows without copying: for millions of small values. A list that doubles would hold three times as much while it does.
/// </summary>
internal sealed class ChunkedList<T>
{
    private const int Bits = 10;

    private readonly List<T[]> _chunks = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref _chunks[index >> Bits][index & ((1 << Bits) - 1)];

    public void Add(T item)
    {
        if (Count >> Bits == _chunks.Count)
        {
            // The first one is small: most jobs have few results.
            _chunks.Add(new T[_chunks.Count == 0 ? 8 : 1 << Bits]);
        }
        else if (_chunks.Count == 1 && Count == _chunks[0].Length)
        {
            var first = _chunks[0];
            Array.Resize(ref first, Math.Min(1 << Bits, first.Length * 4));
            _chunks[0] = first;
        }

        this[Count++] = item;
    }

    public void Clear()
    {
        _chunks.Clear();
        Count = 0;
    }
}
