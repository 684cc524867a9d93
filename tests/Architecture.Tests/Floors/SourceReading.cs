using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MicroSpark.Tests.Floors;

/// <summary>What the tests of the floors need to know of some source files.</summary>
/// <param name="Files">All files that were read.</param>
/// <param name="Arrows">Who names whom, sorted; the files of a partial type as one.</param>
/// <param name="Types">The types that stand in a namespace, not in another type.</param>
/// <param name="Errors">What the compiler could not resolve: where there is any, arrows may be missing.</param>
internal sealed record SourceReading(
    IReadOnlyList<string> Files, IReadOnlyList<Arrow> Arrows, IReadOnlyList<DeclaredType> Types, IReadOnlyList<string> Errors)
{
    private static readonly Lazy<SourceReading> OfThisRepository = new(ReadRepository);

    /// <summary>All of src. The samples are compiled with it, since the client names them, but they are on no floor.</summary>
    public static SourceReading Repository => OfThisRepository.Value;

    public static SourceReading Of(IReadOnlyList<SourceFile> files)
    {
        var compilations = SourceCompilation.Of(files);
        INamedTypeSymbol[] types = [.. compilations.SelectMany(DeclaredTypes).Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default)];
        var arrows = ArrowReader.Read(compilations, new Homes(types));
        var inNamespaces = types.Where(type => type.ContainingType is null).Select(DeclaredType.Of).OrderBy(type => type.Name);
        return new([.. files.Select(file => file.Path)], arrows, [.. inNamespaces], [.. compilations.SelectMany(SourceCompilation.Errors)]);
    }

    private static SourceReading ReadRepository()
    {
        var all = Of([.. SourceTree.Files(".cs", "src", "samples/Samples").Select(path => new SourceFile(path, SourceTree.Read(path)))]);
        return all with
        {
            Files = [.. all.Files.Where(IsFloor)],
            Arrows = [.. all.Arrows.Where(arrow => IsFloor(arrow.From))],
            Types = [.. all.Types.Where(type => IsFloor(type.Root))],
        };
    }

    private static bool MayHoldTypes(SyntaxNode node) => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax or TypeDeclarationSyntax;

    private static bool IsFloor(string file) => file.StartsWith("src/", StringComparison.Ordinal);

    private static IEnumerable<INamedTypeSymbol> DeclaredTypes(CSharpCompilation compilation) =>
        from tree in compilation.SyntaxTrees
        let model = compilation.GetSemanticModel(tree)
        from node in tree.GetRoot().DescendantNodes(MayHoldTypes)
        where node is (BaseTypeDeclarationSyntax or DelegateDeclarationSyntax) and not ExtensionBlockDeclarationSyntax
        select (INamedTypeSymbol)model.GetDeclaredSymbol(node)!;
}
