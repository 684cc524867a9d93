namespace MicroSpark.Driver.Jobs;

/// <summary>The group that actions belong to: they are cancelled as one, and have their part of the slots together.</summary>
/// <param name="Timeout">Of each of its jobs; null for the context's own.</param>
internal sealed record ActionGroup(string Name, int Weight, TimeSpan? Timeout);
