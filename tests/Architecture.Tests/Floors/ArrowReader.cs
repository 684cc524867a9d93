using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MicroSpark.Tests.Floors;

/// <summary>
/// Reads who names whom from the symbols, since a <c>using</c> line tells neither what is used nor where it is declared. What counts as a
/// name is what a reader has to look up: names, and the calls that stand there without one (<c>new()</c>, <c>this(...)</c>, indexers,
/// operators, conversions). A <c>var</c> counts as the type that it stands for: how a variable is written moves no floor. Comments and
/// <c>using</c> lines do not count.
/// </summary>
internal static class ArrowReader
{
    public static IReadOnlyList<Arrow> Read(IReadOnlyList<CSharpCompilation> compilations, Homes homes)
    {
        var found =
            from model in ModelsOf(compilations).AsParallel()
            from symbol in SymbolsIn(model)
            let to = homes.Of(symbol)
            let own = homes.Root(model.SyntaxTree.FilePath)
            where to is not null && to != own
            select (From: own, To: to, Name: NameOf(symbol));
        return [.. found.GroupBy(one => (one.From, one.To), one => one.Name)
            .Select(group => new Arrow(group.Key.From, group.Key.To, [.. group.Distinct().Order(StringComparer.Ordinal)]))
            .OrderBy(arrow => arrow.Ends, StringComparer.Ordinal)];
    }

    private static IEnumerable<SemanticModel> ModelsOf(IEnumerable<CSharpCompilation> compilations) =>
        from compilation in compilations
        from tree in compilation.SyntaxTrees
        select compilation.GetSemanticModel(tree);

    private static HashSet<ISymbol> SymbolsIn(SemanticModel model)
    {
        var symbols = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var node in model.SyntaxTree.GetRoot().DescendantNodes(inner => inner is not UsingDirectiveSyntax))
        {
            if (SymbolOf(node, model) is { } symbol)
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

    private static ISymbol? SymbolOf(SyntaxNode node, SemanticModel model)
    {
        if (!Names(node))
        {
            return null;
        }

        var info = model.GetSymbolInfo(node);
        var symbol = info.Symbol ?? Own(info.CandidateSymbols, model.SyntaxTree.FilePath) ?? info.CandidateSymbols.FirstOrDefault();
        symbol = (symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension : symbol)?.OriginalDefinition;
        var isDeclared = symbol is IFieldSymbol or IPropertySymbol or IEventSymbol or IMethodSymbol or INamedTypeSymbol;
        return isDeclared && symbol!.ContainingType?.IsTupleType != true ? symbol : null;
    }

    private static bool Names(SyntaxNode node) => node
        is SimpleNameSyntax
        or ConstructorInitializerSyntax
        or PrimaryConstructorBaseTypeSyntax
        or BaseObjectCreationExpressionSyntax
        or ElementAccessExpressionSyntax
        or ElementBindingExpressionSyntax
        or ImplicitElementAccessSyntax
        or CastExpressionSyntax
        or BinaryExpressionSyntax
        or PrefixUnaryExpressionSyntax
        or PostfixUnaryExpressionSyntax
        or AssignmentExpressionSyntax;

    /// <summary>A name for several overloads at once, as in <c>nameof</c>: the file's own are meant if it has any.</summary>
    private static ISymbol? Own(IEnumerable<ISymbol> candidates, string file) =>
        candidates.FirstOrDefault(candidate => Homes.FilesOf(candidate).Contains(file));

    /// <summary>A type's name, or a member's behind its type's. A constructor is its type.</summary>
    private static string NameOf(ISymbol symbol) =>
        symbol is INamedTypeSymbol || symbol.ContainingType is null ? symbol.Name
        : symbol is IMethodSymbol { MethodKind: MethodKind.Constructor } ? symbol.ContainingType.Name
        : $"{symbol.ContainingType.Name}.{symbol.Name}";
}
