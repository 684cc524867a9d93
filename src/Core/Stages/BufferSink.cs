using System.Runtime.CompilerServices;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <summary>Collects elements in a growing array.</summary>
internal struct BufferSink<T> : IRunSink<T>, IBriefSink
{
    public T[] Items;
    public int Count;

    /// <summary>Bytes that the elements may take; 0 for no limit. Looked at when the array grows.</summary>
    public long Most;

    public readonly bool IsBrief => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(T item)
    {
        var items = Items;
        if ((uint)Count < (uint)items.Length)
        {
            items[Count++] = item;
            return true;
        }

        return AddAfterGrowing(item);
    }

    public void AddRun(ReadOnlySpan<T> run)
    {
        var needed = checked(Count + run.Length);
        if (needed > Items.Length)
        {
            ResultTooLargeException.ThrowIfAbove(Most, Items.AsSpan(0, Count), run);
            // The first run may be all: then nothing is left over.
            Array.Resize(ref Items, Count == 0 ? needed : (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * Items.Length)));
        }

        run.CopyTo(Items.AsSpan(Count));
        Count = needed;
    }

    public void AddLasting(ReadOnlyMemory<T> run) => AddRun(run.Span);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AddAfterGrowing(T item)
    {
        ResultTooLargeException.ThrowIfAbove(Most, Items.AsSpan(0, Count), default);
        Array.Resize(ref Items, Math.Max(16, checked(Items.Length * 2)));
        Items[Count++] = item;
        return true;
    }
}
