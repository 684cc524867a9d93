using System.Runtime.CompilerServices;
using MicroSpark.Stopping;

namespace MicroSpark.Ordering;

/// <summary>
/// Compares keys by a comparer, or in their natural order when it is null. A struct around the choice, so that primitives compare in
/// place: the type tests are decided when the caller is compiled.
/// </summary>
internal readonly struct KeyComparison<K>
{
    // Null for what compares in place: primitives in natural order.
    private readonly IComparer<K>? _comparer;
    private readonly bool _ordinal;

    // Made by the task that compares.
    private readonly TaskProgress _task = TaskProgress.Current;

    public KeyComparison(IComparer<K>? comparer)
    {
        comparer ??= NaturalOrder<K>.Comparer;
        IsNatural = ReferenceEquals(comparer, NaturalOrder<K>.ComparerOrNull);
        _ordinal = IsNatural && typeof(K) == typeof(string);
        _comparer = IsNatural && ComparesInPlace ? null : comparer;
    }

    /// <summary>Whether this is the natural order, given or not.</summary>
    public bool IsNatural { get; }

    private static bool ComparesInPlace =>
        typeof(K) == typeof(int) || typeof(K) == typeof(long) || typeof(K) == typeof(uint) || typeof(K) == typeof(ulong)
        || typeof(K) == typeof(short) || typeof(K) == typeof(ushort) || typeof(K) == typeof(byte) || typeof(K) == typeof(sbyte)
        || typeof(K) == typeof(char) || typeof(K) == typeof(double) || typeof(K) == typeof(float) || typeof(K) == typeof(DateTime)
        || typeof(K) == typeof(DateTimeOffset) || typeof(K) == typeof(TimeSpan) || typeof(K) == typeof(DateOnly)
        || typeof(K) == typeof(TimeOnly) || typeof(K) == typeof(decimal) || typeof(K) == typeof(Guid) || typeof(K) == typeof(Int128)
        || typeof(K) == typeof(UInt128) || typeof(K) == typeof(Half) || typeof(K) == typeof(nint) || typeof(K) == typeof(nuint)
        || (typeof(K).IsValueType && typeof(K).IsEnum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Compare(K left, K right)
    {
        if (ComparesInPlace)
        {
            return _comparer is null ? Comparer<K>.Default.Compare(left, right) : CompareByUser(left, right);
        }

        return _ordinal
            ? string.CompareOrdinal(Unsafe.As<K, string?>(ref left), Unsafe.As<K, string?>(ref right))
            : CompareByUser(left, right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int CompareByUser(K left, K right)
    {
        _task.ThrowIfStopped();
        return _comparer!.Compare(left, right);
    }
}
