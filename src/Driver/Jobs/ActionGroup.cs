namespace MicroSpark.Driver.Jobs;

/// <summary>The group that actions belong to: they are cancelled as one, and have their part of the slots together.</summary>
internal sealed record ActionGroup(string Name, int Weight);
