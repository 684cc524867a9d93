using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MicroSpark.Tests;

/// <summary>C# that a reader may copy out of a document compiles against the library as it is.</summary>
public sealed class DocumentCodeTests
{
    /// <summary>What a new project has by itself.</summary>
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>A block that starts no context is the middle of a program that has one, called <c>spark</c>.</summary>
    private const string Start = "using MicroSpark; await using var spark = await MicroSparkContext.StartLocalAsync();\n";

    [Theory]
    [MemberData(nameof(CSharpBlocks))]
    public void Code_in_documents_compiles(string document, int index)
    {
        var code = DocumentTests.Blocks(document, "csharp").ElementAt(index);
        var source = code.Contains("using MicroSpark;", StringComparison.Ordinal) ? code : Start + code;
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "Document", [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(source)],
            platform.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));

        var errors = compilation.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error).ToArray();

        Assert.True(errors.Length == 0, $"{document}, C# block {index + 1}:\n{string.Join('\n', errors.Select(error => error.ToString()))}\n{code}");
    }

    public static TheoryData<string, int> CSharpBlocks()
    {
        var rows = new TheoryData<string, int> { { "README.md", 0 } };
        foreach (var document in SourceTree.Files(".md"))
        {
            var count = DocumentTests.Blocks(document, "csharp").Count();
            for (var index = document == "README.md" ? 1 : 0; index < count; index++)
            {
                rows.Add(document, index);
            }
        }

        return rows;
    }
}
