using System.Runtime.CompilerServices;

namespace MicroSpark.Tables;

/// <summary>Asks for the objects that keys are, some pairs ahead of their use: in a part of a split input they lie anywhere.</summary>
internal static class KeyAhead
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch<K, V>(ReadOnlySpan<(K Key, V Value)> pairs, int at)
    {
        if (!typeof(K).IsValueType && at + Memory.Prefetch.Distance < pairs.Length)
        {
            ref var key = ref Unsafe.AsRef(in pairs[at + Memory.Prefetch.Distance].Key);
            Memory.Prefetch.Object(ref Unsafe.As<K, object?>(ref key));
        }
    }
}
