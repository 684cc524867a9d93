namespace MicroSpark;

/// <summary>
/// A value that may be missing: the optional side of an outer join. Two empty ones are equal, whatever their <paramref name="Value"/>.
/// </summary>
/// <param name="HasValue">Whether there is a value.</param>
/// <param name="Value">The value; without one, the type's default. It never throws.</param>
public readonly record struct Optional<T>(bool HasValue, T Value)
{
    /// <summary>No value. It is also <c>default</c>.</summary>
    public static Optional<T> None => default;

    /// <summary>A value, which may itself be null.</summary>
    public static Optional<T> Some(T value) => new(true, value);

    /// <summary>The value, or <paramref name="other"/> when there is none.</summary>
    public T GetValueOrDefault(T other) => HasValue ? Value : other;

    /// <summary>Wraps a value. Null is wrapped too: it is a value that happens to be null.</summary>
    public static implicit operator Optional<T>(T value) => new(true, value);

    /// <inheritdoc />
    public bool Equals(Optional<T> other) =>
        HasValue == other.HasValue && (!HasValue || EqualityComparer<T>.Default.Equals(Value, other.Value));

    /// <inheritdoc />
    public override int GetHashCode() => HasValue ? HashCode.Combine(true, Value) : 0;

    /// <summary><c>Some(value)</c> or <c>None</c>.</summary>
    public override string ToString() => HasValue ? $"Some({Value})" : "None";
}
