using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MicroSpark.Client.Shell;

/// <summary>What could stand where the cursor is: members behind a dot, names and keywords elsewhere.</summary>
internal sealed class Completer(ScriptSession session)
{
    /// <summary>The candidates that go on from what is typed already.</summary>
    /// <returns>Where the name that is being typed begins, and the names that begin like it, in ordinal order.</returns>
    public (int Start, IReadOnlyList<string> Names) Complete(string text, int cursor)
    {
        if (text.StartsWith(':'))
        {
            return CompleteCommand(text[..cursor]);
        }

        var start = cursor;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_'))
        {
            start--;
        }

        var prefix = text[start..cursor];
        string[] names =
            [.. Candidates(text[..cursor], start)
                .Where(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Distinct().Order(StringComparer.Ordinal)];

        // Names that are written as typed come before those that only sound alike.
        string[] exact = [.. names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
        return (start, exact.Length > 0 ? exact : names);
    }

    /// <summary>What all names begin with; the completion that is certain.</summary>
    public static string CommonPrefix(IReadOnlyList<string> names)
    {
        var prefix = names[0];
        foreach (var name in names)
        {
            prefix = prefix[..prefix.AsSpan().CommonPrefixLength(name)];
        }

        return prefix;
    }

    /// <summary>A command's name, or its argument: a path, or C#.</summary>
    private (int Start, IReadOnlyList<string> Names) CompleteCommand(string text)
    {
        if (text.Split(' ', 2) is not [var command, var argument])
        {
            return (
                0, [.. MetaCommands.Known.Select(static known => known.Name)
                    .Where(name => name.StartsWith(text, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]);
        }

        var begin = text.Length - argument.Length;
        switch (MetaCommands.Known.FirstOrDefault(known => known.Name == command).Argument)
        {
            case "FILE":
                var name = argument[(argument.LastIndexOf('/') + 1)..];
                return (
                    text.Length - name.Length,
                    [.. FilesIn(argument[..^name.Length]).Where(file => file.StartsWith(name, StringComparison.Ordinal)).Order(
                        StringComparer.Ordinal)]);
            case "EXPRESSION":
                var (start, names) = Complete(argument, argument.Length);
                return (begin + start, names);
            default:
                return (begin, []);
        }
    }

    private static IEnumerable<string> FilesIn(string folder)
    {
        try
        {
            return new DirectoryInfo(folder.Length > 0 ? HomePath.Expand(folder) : ".").GetFileSystemInfos().Select(
                static entry => entry is DirectoryInfo ? entry.Name + "/" : entry.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is no such folder (yet): nothing goes on from what is typed.
            return [];
        }
    }

    private IEnumerable<string> Candidates(string text, int start)
    {
        if (start > 0 && text[start - 1] == '.')
        {
            return Members(text, start);
        }

        var (_, model) = session.Analyse(text);
        return model.LookupSymbols(start).Where(IsTypable).Select(static symbol => symbol.Name)
            .Concat(SyntaxFacts.GetKeywordKinds().Select(SyntaxFacts.GetText).Where(static k => k.All(char.IsLetter)));
    }

    private IEnumerable<string> Members(string text, int dot)
    {
        // A name must stand behind the dot, or the parser takes the next token for it.
        var (tree, model) = session.Analyse(string.Concat(text.AsSpan(0, dot), "_"));
        var access = tree.GetRoot().FindToken(dot - 1).Parent?.AncestorsAndSelf().FirstOrDefault(
            static n => n is MemberAccessExpressionSyntax or QualifiedNameSyntax);
        SyntaxNode? left = access switch
        {
            MemberAccessExpressionSyntax member => member.Expression,
            QualifiedNameSyntax name => name.Left,
            _ => null,
        };
        if (left is null)
        {
            return [];
        }

        var symbol = model.GetSymbolInfo(left).Symbol;
        if (symbol is INamespaceOrTypeSymbol container)
        {
            return model.LookupSymbols(dot, container).Where(s => IsTypable(s) && (s.IsStatic || s is INamespaceOrTypeSymbol)).Select(
                static s => s.Name);
        }

        return model.GetTypeInfo(left).Type is { TypeKind: not TypeKind.Error } type
            ? model.LookupSymbols(dot, type, includeReducedExtensionMethods: true).Where(static s => IsTypable(s) && !s.IsStatic).Select(
                static s => s.Name)
            : [];
    }

    private static bool IsTypable(ISymbol symbol) =>
        symbol.CanBeReferencedByName
            && symbol is not IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.PropertyGet or MethodKind.PropertySet };
}
