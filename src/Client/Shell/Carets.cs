using Microsoft.CodeAnalysis;

namespace MicroSpark.Client.Shell;

/// <summary>Shows where in its line a mistake is.</summary>
internal static class Carets
{
    public static string Under(Diagnostic diagnostic)
    {
        var message = $"error {diagnostic.Id}: {diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}";
        if (!diagnostic.Location.IsInSource || diagnostic.Location.SourceTree is not { } tree)
        {
            return message;
        }

        var span = diagnostic.Location.GetLineSpan();
        var line = tree.GetText().Lines[span.StartLinePosition.Line].ToString();
        var start = Math.Min(span.StartLinePosition.Character, line.Length);
        var end = span.EndLinePosition.Line == span.StartLinePosition.Line
            ? Math.Min(span.EndLinePosition.Character, line.Length)
            : line.Length;

        // A tab stays a tab, so that the caret stands below its character whatever a tab's width is.
        var before = string.Concat(line.Take(start).Select(c => c == '\t' ? '\t' : ' '));
        var place = span.Path != ScriptSession.Prompt
            ? $"{span.Path}({span.StartLinePosition.Line + 1},{span.StartLinePosition.Character + 1}): "
            : "";
        return $"{line}{Environment.NewLine}{before}^{new string('~', Math.Max(0, end - start - 1))}{Environment.NewLine}{place}{message}";
    }
}
