using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MicroSpark.Tests.Floors;

/// <summary>
/// Reads who names whom from the symbols, since a <c>using</c> line tells neither what is used nor where it is declared. What counts as a name is
/// what a reader has to look up: names, and the calls that stand there without one (<c>new()</c>, <c>this(...)</c>, indexers, operators,
/// conversions). A <c>var</c> counts as the type that it stands for. Comments and <c>using</c> lines do not count.
/// </summary>
internal static class ArrowReader
{
    public static IReadOnlyList<Arrow> Read(IReadOnlyList<CSharpCompilation> compilations, Homes homes)
    {
        var found =
            from part in compilations.SelectMany(compilation => compilation.SyntaxTrees.Select(tree => (Compilation: compilation, Tree: tree))).AsParallel()
            let tree = part.Tree
            from symbol in SymbolsIn(tree, part.Compilation.GetSemanticModel(tree))
            let to = homes.Of(symbol)
            let own = homes.Root(tree.FilePath)
            where to is not null && to != own
            select (From: own, To: to, Name: NameOf(symbol));
        return [.. found.GroupBy(one => (one.From, one.To), one => one.Name)
            .Select(group => new Arrow(group.Key.From, group.Key.To, [.. group.Distinct().Order(StringComparer.Ordinal)]))
            .OrderBy(arrow => arrow.Ends, StringComparer.Ordinal)];
    }

    private static HashSet<ISymbol> SymbolsIn(SyntaxTree tree, SemanticModel model)
    {
        var symbols = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var node in tree.GetRoot().DescendantNodes(inner => inner is not UsingDirectiveSyntax))
        {
            if (SymbolOf(node, model, tree.FilePath) is { } symbol)
            {
                symbols.Add(symbol);
            }

            if (node is ExpressionSyntax expression && model.GetConversion(expression).MethodSymbol is { } conversion)
            {
                symbols.Add(conversion.OriginalDefinition);
            }
        }

        return symbols;
    }

    private static ISymbol? SymbolOf(SyntaxNode node, SemanticModel model, string file)
    {
        if (node is not (SimpleNameSyntax or ConstructorInitializerSyntax or BaseObjectCreationExpressionSyntax or PrimaryConstructorBaseTypeSyntax
            or ElementAccessExpressionSyntax or ElementBindingExpressionSyntax or ImplicitElementAccessSyntax or CastExpressionSyntax
            or BinaryExpressionSyntax or PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax or AssignmentExpressionSyntax))
        {
            return null;
        }

        var info = model.GetSymbolInfo(node);
        var symbol = info.Symbol ?? Own(info.CandidateSymbols, file) ?? info.CandidateSymbols.FirstOrDefault();
        symbol = (symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension : symbol)?.OriginalDefinition;
        return symbol is (IFieldSymbol or IPropertySymbol or IEventSymbol or IMethodSymbol or INamedTypeSymbol) && symbol.ContainingType?.IsTupleType != true
            ? symbol
            : null;
    }

    /// <summary>A name for several overloads at once, as in <c>nameof</c>: the file's own are meant if it has any.</summary>
    private static ISymbol? Own(IEnumerable<ISymbol> candidates, string file) =>
        candidates.FirstOrDefault(candidate => Homes.FilesOf(candidate).Contains(file));

    private static string NameOf(ISymbol symbol) =>
        symbol is INamedTypeSymbol ? symbol.Name
        : symbol is IMethodSymbol { MethodKind: MethodKind.Constructor } || symbol.ContainingType is null ? symbol.ContainingType?.Name ?? symbol.Name
        : $"{symbol.ContainingType.Name}.{symbol.Name}";
}
