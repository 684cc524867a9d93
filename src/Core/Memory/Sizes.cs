using System.Runtime.CompilerServices;

namespace MicroSpark.Memory;

/// <summary>What elements take in memory, in bytes: measured, by following the references of a sample.</summary>
internal static class Sizes
{
    private const int Sampled = 64;

    /// <summary>
    /// The elements' own size and that of the objects they refer to. Up to 64 elements, evenly spread, are followed and stand for the
    /// others; an object that several of them refer to is counted once.
    /// </summary>
    public static long Estimate<T>(ReadOnlySpan<T> items)
    {
        var inline = (long)items.Length * Unsafe.SizeOf<T>();
        return RuntimeHelpers.IsReferenceOrContainsReferences<T>() && !items.IsEmpty ? inline + Referenced(items) : inline;
    }

    private static long Referenced<T>(ReadOnlySpan<T> items)
    {
        var step = Math.Max(1, items.Length / Sampled);
        if (typeof(T) == typeof(string))
        {
            return Strings(items, step);
        }

        var walk = new SizeWalk();
        for (var i = 0; i < items.Length; i += step)
        {
            walk.Follow(items[i]);
        }

        return walk.Estimate(items.Length);
    }

    /// <summary>The commonest element: no walk, and so no notice of shared ones.</summary>
    private static long Strings<T>(ReadOnlySpan<T> items, int step)
    {
        long bytes = 0;
        long sampled = 0;
        for (var i = 0; i < items.Length; i += step, sampled++)
        {
            bytes += items[i] is string text ? ObjectLayout.SizeOf(text) : 0;
        }

        return bytes * items.Length / sampled;
    }
}
