namespace MicroSpark.Ordering;

internal sealed class NullableOrder<T>(IComparer<T> inner) : IComparer<T?>
    where T : struct
{
    public int Compare(T? x, T? y) =>
        x.HasValue && y.HasValue ? inner.Compare(x.GetValueOrDefault(), y.GetValueOrDefault()) : x.HasValue.CompareTo(y.HasValue);
}

internal sealed class OptionalOrder<T>(IComparer<T> inner) : IComparer<Optional<T>>
{
    public int Compare(Optional<T> x, Optional<T> y) =>
        x.HasValue && y.HasValue ? inner.Compare(x.Value, y.Value) : x.HasValue.CompareTo(y.HasValue);
}
