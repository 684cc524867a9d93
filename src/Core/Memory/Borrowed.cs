using System.Buffers;
using System.Runtime.CompilerServices;

namespace MicroSpark.Memory;

/// <summary>
/// Large arrays that a task needs for a while, from the process's pool. Allocated anew in each task, they would cost more than the work on
/// them: the system clears their pages first, and their garbage calls the collector. An array that a failed task does not give back is
/// garbage like any other.
/// </summary>
internal static class Borrowed
{
    /// <summary>An array of at least so many elements; what they are is left from before.</summary>
    public static T[] Array<T>(int length) => length == 0 ? [] : ArrayPool<T>.Shared.Rent(length);

    /// <summary>Makes room for at least so many elements; of those before, <paramref name="used"/> stay.</summary>
    public static void Grow<T>(ref T[] array, int used, int length)
    {
        var larger = Array<T>(length);
        array.AsSpan(0, used).CopyTo(larger);
        GiveBack(ref array);
        array = larger;
    }

    /// <summary>Gives an array back, without what it refers to, and leaves an empty one. Nobody may hold a part of it.</summary>
    public static void GiveBack<T>(ref T[] array)
    {
        if (array.Length > 0)
        {
            ArrayPool<T>.Shared.Return(array, clearArray: RuntimeHelpers.IsReferenceOrContainsReferences<T>());
            array = [];
        }
    }
}
