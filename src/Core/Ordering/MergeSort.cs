using System.Buffers;
using System.Runtime.CompilerServices;

namespace MicroSpark.Ordering;

/// <summary>
/// Stable merge sort of pairs by key: short runs by insertion, then merged pairwise through a buffer of half the size. Runs already in
/// order are not touched, so sorted input costs one pass.
/// </summary>
internal static class MergeSort<K, V>
{
    private const int RunLength = 20;

    public static void Sort(Span<(K Key, V Value)> pairs, KeyComparison<K> comparison, bool ascending)
    {
        var buffer = pairs.Length <= RunLength ? null : ArrayPool<(K Key, V Value)>.Shared.Rent((pairs.Length + 1) / 2);
        Sort(pairs, buffer, comparison, ascending ? 1 : -1);
        if (buffer is not null)
        {
            ArrayPool<(K Key, V Value)>.Shared.Return(buffer, RuntimeHelpers.IsReferenceOrContainsReferences<(K, V)>());
        }
    }

    private static void Sort(Span<(K Key, V Value)> pairs, Span<(K Key, V Value)> buffer, KeyComparison<K> comparison, int sign)
    {
        if (pairs.Length <= RunLength)
        {
            Insert(pairs, comparison, sign);
            return;
        }

        int half = pairs.Length / 2;
        Sort(pairs[..half], buffer, comparison, sign);
        Sort(pairs[half..], buffer, comparison, sign);
        if (Compare(pairs[half - 1].Key, pairs[half].Key, comparison, sign) <= 0)
        {
            return;
        }

        // The left half moves to the buffer. Writing starts at its old place and can never overtake the right half's reading.
        var left = buffer[..half];
        pairs[..half].CopyTo(left);
        int fromLeft = 0, fromRight = half, to = 0;
        while (fromLeft < left.Length && fromRight < pairs.Length)
        {
            // On a tie the left one: that is what makes it stable.
            pairs[to++] = Compare(left[fromLeft].Key, pairs[fromRight].Key, comparison, sign) <= 0 ? left[fromLeft++] : pairs[fromRight++];
        }

        left[fromLeft..].CopyTo(pairs[to..]);
    }

    private static void Insert(Span<(K Key, V Value)> pairs, KeyComparison<K> comparison, int sign)
    {
        for (int i = 1; i < pairs.Length; i++)
        {
            var moving = pairs[i];
            int at = i;
            while (at > 0 && Compare(pairs[at - 1].Key, moving.Key, comparison, sign) > 0)
            {
                pairs[at] = pairs[at - 1];
                at--;
            }

            pairs[at] = moving;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Compare(K left, K right, KeyComparison<K> comparison, int sign) =>
        sign > 0 ? comparison.Compare(left, right) : comparison.Compare(right, left);
}
