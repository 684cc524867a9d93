namespace MicroSpark.Ordering;

internal sealed class NullableOrder<T>(IComparer<T> inner) : IComparer<T?>, IRankingOrder<T?>
    where T : struct
{
    public int Compare(T? x, T? y) =>
        x.HasValue && y.HasValue ? inner.Compare(x.GetValueOrDefault(), y.GetValueOrDefault()) : x.HasValue.CompareTo(y.HasValue);

    public Ranking<T?>? NewRanking() => new LevelRanking<T?>(
        new PartRanking<T?, bool>(new NumberRanking<bool>(), static item => item.HasValue),
        Ranking.Of(inner) is { } value ? new PartRanking<T?, T>(value, static item => item.GetValueOrDefault()) : null);
}

internal sealed class OptionalOrder<T>(IComparer<T> inner) : IComparer<Optional<T>>
{
    public int Compare(Optional<T> x, Optional<T> y) =>
        x.HasValue && y.HasValue ? inner.Compare(x.Value, y.Value) : x.HasValue.CompareTo(y.HasValue);
}
