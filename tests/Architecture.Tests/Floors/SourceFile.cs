namespace MicroSpark.Tests.Floors;

/// <summary>A file's text under its path from the repository's root, such as <c>src/Core/Plans/PlanNode.cs</c>.</summary>
internal sealed record SourceFile(string Path, string Text);
