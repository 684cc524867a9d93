using System.Runtime.CompilerServices;
using MicroSpark.Stages;

namespace MicroSpark.Ordering;

/// <summary>
/// What is to be sorted, as it comes: in chunks that grow to a size and are never copied to larger ones. Runs that stay in memory anyway
/// are taken as they are.
/// </summary>
internal sealed class SortInput<T>
{
    private const int SmallestChunk = 1024;

    private static readonly int s_largestChunk = Math.Max(SmallestChunk, (4 << 20) / Unsafe.SizeOf<T>());

    private readonly List<ReadOnlyMemory<T>> _chunks = [];
    private T[] _chunk = [];
    private int _count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T item)
    {
        var chunk = _chunk;
        if ((uint)_count >= (uint)chunk.Length)
        {
            chunk = NextChunk();
        }

        chunk[_count++] = item;
    }

    public void Add(ReadOnlySpan<T> run)
    {
        while (!run.IsEmpty)
        {
            if (_count == _chunk.Length)
            {
                NextChunk();
            }

            var part = run[..Math.Min(run.Length, _chunk.Length - _count)];
            part.CopyTo(_chunk.AsSpan(_count));
            _count += part.Length;
            run = run[part.Length..];
        }
    }

    public void AddLasting(ReadOnlyMemory<T> run)
    {
        Cut();
        _chunks.Add(run);
    }

    public IReadOnlyList<ReadOnlyMemory<T>> TakeChunks()
    {
        Cut();
        return _chunks;
    }

    private T[] NextChunk()
    {
        var length = Math.Clamp(_chunk.Length * 2, SmallestChunk, s_largestChunk);
        Cut();
        _chunk = GC.AllocateUninitializedArray<T>(length);
        return _chunk;
    }

    private void Cut()
    {
        if (_count > 0)
        {
            _chunks.Add(_chunk.AsMemory(0, _count));
        }

        _chunk = [];
        _count = 0;
    }
}

internal struct SortSink<T> : IRunSink<T>
{
    public SortInput<T> Input;

    public readonly bool Add(T item)
    {
        Input.Add(item);
        return true;
    }

    public readonly void AddRun(ReadOnlySpan<T> run) => Input.Add(run);

    public readonly void AddLasting(ReadOnlyMemory<T> run) => Input.AddLasting(run);
}
