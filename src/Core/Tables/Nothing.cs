namespace MicroSpark.Tables;

/// <summary>What a table holds beside its keys when it is asked for their numbers only.</summary>
internal readonly struct Nothing;
