using Microsoft.CodeAnalysis;

namespace MicroSpark.Tests.Floors;

/// <summary>A type that stands in a namespace.</summary>
/// <param name="Name">With its type parameters, without the namespace.</param>
/// <param name="Namespace">In full.</param>
/// <param name="IsPublic">Programs may name it.</param>
/// <param name="Root">Its file, or the first to read of several.</param>
/// <param name="Files">All its files.</param>
/// <param name="Lines">The length of all its declarations.</param>
internal sealed record DeclaredType(string Name, string Namespace, bool IsPublic, string Root, IReadOnlyList<string> Files, int Lines)
{
    public static DeclaredType Of(INamedTypeSymbol type) => new(
        type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
        type.ContainingNamespace.ToDisplayString(),
        type.DeclaredAccessibility == Accessibility.Public,
        Homes.RootOf(type, Homes.FilesOf(type)),
        Homes.FilesOf(type),
        type.DeclaringSyntaxReferences.Sum(LinesOf));

    /// <summary>Whether its members are features by themselves, each in the room where it belongs.</summary>
    public bool IsSpread => Homes.SpreadTypes.Contains($"{Namespace}.{Name}");

    private static int LinesOf(SyntaxReference declaration)
    {
        var place = declaration.SyntaxTree.GetLineSpan(declaration.Span);
        return place.EndLinePosition.Line - place.StartLinePosition.Line + 1;
    }
}
