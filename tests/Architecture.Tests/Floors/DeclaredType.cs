using Microsoft.CodeAnalysis;

namespace MicroSpark.Tests.Floors;

/// <summary>A type that stands in a namespace.</summary>
/// <param name="Name">With its type parameters, without the namespace.</param>
/// <param name="Namespace">In full.</param>
/// <param name="IsPublic">Programs may name it.</param>
/// <param name="Root">Its file, or the first to read of several.</param>
/// <param name="Lines">The length of all its declarations.</param>
internal sealed record DeclaredType(string Name, string Namespace, bool IsPublic, string Root, int Lines)
{
    public static DeclaredType Of(INamedTypeSymbol type) => new(
        type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
        type.ContainingNamespace.ToDisplayString(),
        type.DeclaredAccessibility == Accessibility.Public,
        Homes.RootOf(type, Homes.FilesOf(type)),
        type.DeclaringSyntaxReferences.Sum(LinesOf));

    private static int LinesOf(SyntaxReference declaration)
    {
        var place = declaration.SyntaxTree.GetLineSpan(declaration.Span);
        return place.EndLinePosition.Line - place.StartLinePosition.Line + 1;
    }
}
