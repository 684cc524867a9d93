using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MicroSpark.Memory;

/// <summary>Asks for memory ahead of its use, where the processor has a way to say so. Any address will do: nothing is read.</summary>
internal static unsafe class Prefetch
{
    /// <summary>How many elements ahead pays: about a miss's time.</summary>
    public const int Distance = 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<T>(ref T location)
    {
        if (Sse.IsSupported)
        {
            // Should the collector move the memory meanwhile, the wrong line comes: that costs time only.
            Sse.Prefetch0(Unsafe.AsPointer(ref location));
        }
    }

    /// <summary>Asks for an object that a field or element refers to; of null for nothing. The reference itself is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Object<T>(ref readonly T reference)
        where T : class?
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((void*)*(nint*)Unsafe.AsPointer(ref Unsafe.AsRef(in reference)));
        }
    }
}
