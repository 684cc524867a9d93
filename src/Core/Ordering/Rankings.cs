namespace MicroSpark.Ordering;

/// <summary>Finds the ranks that go with an order.</summary>
internal static class Rankings
{
    /// <summary>Ranks in a comparer's order, null for the natural one; null when there are none and only comparison is left.</summary>
    public static Ranking<K>? Of<K>(IComparer<K>? comparer)
    {
        var natural = NaturalOrder<K>.ComparerOrNull;
        if (comparer is not null && !ReferenceEquals(comparer, natural))
        {
            return comparer is IEqualityComparer<string?> texts
                ? (Ranking<K>?)(object?)CultureRanking.Of(texts)
                : (comparer as IRankingOrder<K>)?.NewRanking();
        }

        return KeyRank<K>.IsExact ? new NumberRanking<K>()
            : typeof(K) == typeof(string) ? (Ranking<K>)(object)new StringRanking()
            : typeof(K) == typeof(Guid) ? (Ranking<K>)(object)new WideRanking<Guid, WideGuid>(new WideGuid())
            : typeof(K) == typeof(decimal) ? (Ranking<K>)(object)new WideRanking<decimal, WideDecimal>(new WideDecimal())
            : typeof(K) == typeof(Int128) ? (Ranking<K>)(object)new WideRanking<Int128, WideInt128>(new WideInt128())
            : typeof(K) == typeof(UInt128) ? (Ranking<K>)(object)new WideRanking<UInt128, WideUInt128>(new WideUInt128())
            : (natural as IRankingOrder<K>)?.NewRanking();
    }
}
