namespace MicroSpark.Plans;

/// <summary>Where a task's user code failed.</summary>
internal sealed record FaultSite(string? Operator, string? Function, long? ElementIndex);
