using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using MicroSpark.Code;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace MicroSpark.Tests.Closures;

/// <summary>Compiles small libraries in memory and loads them into one collectible context, as a prompt would.</summary>
internal sealed class Workshop : AssemblyLoadContext
{
    private static readonly MetadataReference[] s_framework =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileNameWithoutExtension(path) is "Microsoft.CSharp" or "MicroSpark.Core" || Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly List<MetadataReference> _references = [.. s_framework];
    private readonly Dictionary<string, Assembly> _assemblies = [];

    public Workshop()
        : base("workshop", isCollectible: true) =>
        Unloading += _ => _assemblies.Clear();

    /// <summary>Compiles the source, with the libraries compiled before as references, loads it and registers its bytes.</summary>
    public Assembly Add(string name, string source, OptimizationLevel optimization = OptimizationLevel.Release, OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        (var image, var symbols) = Compile(name, source, optimization, kind);
        return Add(image, symbols);
    }

    public Assembly Add(byte[] image, byte[]? symbols)
    {
        var assembly = LoadFromStream(new MemoryStream(image), symbols is null ? null : new MemoryStream(symbols));
        EmittedAssemblies.Register(assembly, image, symbols);
        _assemblies[assembly.GetName().Name!] = assembly;
        Reference(image);
        return assembly;
    }

    public void Reference(byte[] image) => _references.Add(MetadataReference.CreateFromImage(ImmutableArray.Create(image)));

    public (byte[] Image, byte[] Symbols) Compile(string name, string source, OptimizationLevel optimization = OptimizationLevel.Release, OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        var compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(source, path: $"/src/{name}.cs", encoding: System.Text.Encoding.UTF8)],
            _references,
            new CSharpCompilationOptions(kind, optimizationLevel: optimization, deterministic: true));
        return Emit(compilation);
    }

    /// <summary>Compiles and loads one line of a prompt, after the lines before it.</summary>
    public (Assembly Assembly, CSharpCompilation Line) AddLine(string name, string source, CSharpCompilation? previous)
    {
        var line = CSharpCompilation.CreateScriptCompilation(
            name,
            CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(kind: SourceCodeKind.Script)),
            s_framework,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release),
            previous);
        (var image, var symbols) = Emit(line);
        return (Add(image, symbols), line);
    }

    private static (byte[] Image, byte[] Symbols) Emit(CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        using var symbols = new MemoryStream();
        var result = compilation.Emit(image, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return (image.ToArray(), symbols.ToArray());
    }

    protected override Assembly? Load(AssemblyName assemblyName) => _assemblies.GetValueOrDefault(assemblyName.Name!);
}
