namespace MicroSpark.Client.CommandLine;

/// <summary>A submission does not compile.</summary>
/// <param name="errors">Each with the line it is in and a caret under the place.</param>
internal sealed class ScriptErrorException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors));
