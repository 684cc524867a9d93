using System.Runtime.CompilerServices;

namespace MicroSpark.Stages;

/// <summary>Collects elements in a growing array.</summary>
internal struct BufferSink<T> : ISink<T>
{
    public T[] Items;
    public int Count;

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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AddAfterGrowing(T item)
    {
        Array.Resize(ref Items, Math.Max(16, checked(Items.Length * 2)));
        Items[Count++] = item;
        return true;
    }
}
