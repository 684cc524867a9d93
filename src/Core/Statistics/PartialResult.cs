namespace MicroSpark;

/// <summary>What an action knew when its time was over.</summary>
/// <param name="Value">The result, or an estimate of it from the partitions that were done.</param>
/// <param name="IsFinal">Whether all partitions were done: the value is then exact.</param>
public sealed record PartialResult<R>(R Value, bool IsFinal);

/// <summary>An estimate with the interval in which the true value is expected.</summary>
/// <param name="Mean">The best guess.</param>
/// <param name="Confidence">How likely the true value is in the interval, from 0 to 1; 1 when it is exact.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
public sealed record BoundedDouble(double Mean, double Confidence, double Low, double High);
