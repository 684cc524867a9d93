using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MicroSpark.Tests.Floors;

/// <summary>
/// Source text as the compiler understands it: a compilation for each project, so that a name leads to its declaration in any of them.
/// </summary>
internal static class SourceCompilation
{
    /// <summary>What the build writes for each project by itself.</summary>
    private const string ImplicitUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Orleans;
        global using Orleans.Hosting;
        global using Orleans.Runtime;
        """;

    /// <summary>A library that Aspire brings, whose namespace hides a class of ours. No other project has it, and AspireHosting does not name it.</summary>
    private const string Fractions = "Fractions";

    private static readonly string OpenToAll = string.Concat(
        RoomTests.Rooms.Select(room => $"\n[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"{room}\")]"));

    /// <summary>
    /// What is no fault of the source: the bodies that generators write (CS8795), and statements at the top of what is no program here (CS8805).
    /// </summary>
    private static readonly string[] Explained = ["CS8795", "CS8805"];

    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.CSharp14);

    /// <summary>The projects of some files, the lowest first; each may use those before it, and what is internal to them too.</summary>
    public static IReadOnlyList<CSharpCompilation> Of(IEnumerable<SourceFile> files)
    {
        MetadataReference[] libraries = [.. Libraries()];
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        var made = new List<CSharpCompilation>();
        foreach (var project in files.GroupBy(file => RoomTests.HeightOf(file.Path)).OrderBy(project => project.Key))
        {
            made.Add(CSharpCompilation.Create(
                RoomTests.Rooms[project.Key],
                project.Select(file => Parse(file.Text, file.Path)).Append(Parse(ImplicitUsings + OpenToAll)),
                [.. libraries, .. made.Select(lower => lower.ToMetadataReference())],
                options));
        }

        return made;
    }

    public static IEnumerable<string> Errors(CSharpCompilation compilation) =>
        compilation.GetDiagnostics()
            .Where(found => found.Severity == DiagnosticSeverity.Error && !Explained.Contains(found.Id))
            .Select(found => found.ToString());

    private static SyntaxTree Parse(string text, string path = "") => CSharpSyntaxTree.ParseText(text, Parsing, path);

    /// <summary>The test host's assemblies without those that are compiled here from their source.</summary>
    private static IEnumerable<MetadataReference> Libraries() =>
        from path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        let name = AssemblyName.GetAssemblyName(path).Name!
        where name != Fractions && name != "MicroSpark" && !name.StartsWith("MicroSpark.", StringComparison.Ordinal) && name != "microspark-cli"
        select MetadataReference.CreateFromFile(path);
}
