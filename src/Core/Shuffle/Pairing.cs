namespace MicroSpark.Shuffle;

/// <summary>The rows of a join, from the values of one key.</summary>
internal static class Pairing
{
    /// <summary>Every left with every right value. Small products are an array at once; large ones are made row by row.</summary>
    public static IEnumerable<(V Left, W Right)> Product<V, W>(IReadOnlyList<V> left, IReadOnlyList<W> right)
    {
        const int SmallProduct = 1024;
        var count = (long)left.Count * right.Count;
        if (count > SmallProduct)
        {
            return Rows(left, right);
        }

        var rows = count == 0 ? [] : new (V, W)[count];
        var at = 0;
        for (var i = 0; i < left.Count && at < rows.Length; i++)
        {
            for (var j = 0; j < right.Count; j++)
            {
                rows[at++] = (left[i], right[j]);
            }
        }

        return rows;
    }

    /// <summary>What a function makes of every left with every right value, row by row.</summary>
    public static IEnumerable<R> Product<V, W, R>(IReadOnlyList<V> left, IReadOnlyList<W> right, Func<V, W, R> result)
    {
        for (var i = 0; i < left.Count; i++)
        {
            for (var j = 0; j < right.Count; j++)
            {
                yield return result(left[i], right[j]);
            }
        }
    }

    /// <summary>The values as present ones, or a single none when there are no values.</summary>
    public static IReadOnlyList<Optional<T>> OrNone<T>(IReadOnlyList<T> values)
    {
        var optional = new Optional<T>[Math.Max(1, values.Count)];
        for (var i = 0; i < values.Count; i++)
        {
            optional[i] = Optional<T>.Some(values[i]);
        }

        return optional;
    }

    private static IEnumerable<(V Left, W Right)> Rows<V, W>(IReadOnlyList<V> left, IReadOnlyList<W> right)
    {
        for (var i = 0; i < left.Count; i++)
        {
            for (var j = 0; j < right.Count; j++)
            {
                yield return (left[i], right[j]);
            }
        }
    }
}
