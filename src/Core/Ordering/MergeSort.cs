using System.Runtime.CompilerServices;

namespace MicroSpark.Ordering;

/// <summary>
/// Stable merge sort by comparison, for keys without a rank: short runs by insertion, then merged pairwise through a buffer of half the
/// size. Runs already in order are not touched, so sorted input costs one pass.
/// </summary>
internal static class MergeSort<T, K, TKey>
    where TKey : struct, IKeyOf<T, K>
{
    private const int RunLength = 20;

    public static void Sort(Span<T> items, KeyComparison<K> comparison, bool ascending) =>
        Sort(items, items.Length <= RunLength ? [] : new T[(items.Length + 1) / 2], comparison, ascending ? 1 : -1);

    private static void Sort(Span<T> items, Span<T> buffer, KeyComparison<K> comparison, int sign)
    {
        if (items.Length <= RunLength)
        {
            Insert(items, comparison, sign);
            return;
        }

        var half = items.Length / 2;
        Sort(items[..half], buffer, comparison, sign);
        Sort(items[half..], buffer, comparison, sign);
        if (Compare(in items[half - 1], in items[half], comparison, sign) <= 0)
        {
            return;
        }

        // The left half moves to the buffer. Writing starts at its old place and can never overtake the right half's reading.
        var left = buffer[..half];
        items[..half].CopyTo(left);
        int fromLeft = 0, fromRight = half, to = 0;
        while (fromLeft < left.Length && fromRight < items.Length)
        {
            // On a tie the left one: that is what makes it stable.
            items[to++] = Compare(in left[fromLeft], in items[fromRight], comparison, sign) <= 0 ? left[fromLeft++] : items[fromRight++];
        }

        left[fromLeft..].CopyTo(items[to..]);
    }

    private static void Insert(Span<T> items, KeyComparison<K> comparison, int sign)
    {
        for (var i = 1; i < items.Length; i++)
        {
            var moving = items[i];
            var at = i;
            while (at > 0 && Compare(in items[at - 1], in moving, comparison, sign) > 0)
            {
                items[at] = items[at - 1];
                at--;
            }

            items[at] = moving;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Compare(in T left, in T right, KeyComparison<K> comparison, int sign) =>
        sign > 0 ? comparison.Compare(TKey.Of(in left), TKey.Of(in right)) : comparison.Compare(TKey.Of(in right), TKey.Of(in left));
}
