using System.Collections.Immutable;
using MicroSpark.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace MicroSpark.Tests;

/// <summary>A piece of a program, and what the analyzers say of it.</summary>
internal sealed class Snippet : IDisposable
{
    private const string Before =
        """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Net.Http;
        using System.Threading;
        using System.Threading.Tasks;
        using MicroSpark;

        """;

    private static readonly MetadataReference[] s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];

    private readonly AdhocWorkspace _workspace = new();
    private readonly Document _document;

    /// <param name="code">Of a class, whose methods are the program's.</param>
    public Snippet(string code)
    {
        var project = _workspace.AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, "Program", "Program", LanguageNames.CSharp,
            compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable),
            metadataReferences: s_references));
        _document = _workspace.AddDocument(project.Id, "Program.cs", SourceText.From(Before + code));
    }

    /// <summary>A method's statements, with a context <c>spark</c> and numbers <c>rdd</c>.</summary>
    public static Snippet OfStatements(string statements) => new($$"""
        class Program
        {
            static async Task Main(MicroSparkContext spark, Rdd<long> rdd)
            {
                {{statements}}
                await Task.CompletedTask;
            }
        }
        """);

    /// <summary>Each rule that is broken with the text that breaks it, in the order of the text.</summary>
    /// <param name="whole">Whether it must compile.</param>
    public async Task<string[]> RulesAsync(bool whole = true)
    {
        var text = await _document.GetTextAsync();
        return [.. (await DiagnoseAsync(whole)).Select(found => $"{found.Id} {text.GetSubText(found.Location.SourceSpan)}")];
    }

    /// <summary>The text once the first problem is mended; null when no fix is offered.</summary>
    public async Task<string?> FixedAsync(CodeFixProvider fix)
    {
        var problem = (await DiagnoseAsync()).First(found => fix.FixableDiagnosticIds.Contains(found.Id));
        var offered = new List<CodeAction>();
        await fix.RegisterCodeFixesAsync(new CodeFixContext(_document, problem, (action, _) => offered.Add(action), default));
        if (offered.Count == 0)
        {
            return null;
        }

        var operations = await Assert.Single(offered).GetOperationsAsync(default);
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(_document.Id)!;
        Assert.Empty((await changed.Project.GetCompilationAsync())!.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error));
        return (await changed.GetTextAsync()).ToString();
    }

    public void Dispose() => _workspace.Dispose();

    private async Task<ImmutableArray<Diagnostic>> DiagnoseAsync(bool whole = true)
    {
        var compilation = (await _document.Project.GetCompilationAsync())!;
        Assert.Empty(compilation.GetDiagnostics().Where(found => whole && found.Severity == DiagnosticSeverity.Error));
        var found = await compilation.WithAnalyzers([new TaskLambdaAnalyzer(), new ForgottenAwaitAnalyzer(), new KeyAnalyzer()]).GetAnalyzerDiagnosticsAsync();
        return [.. found.OrderBy(one => one.Location.SourceSpan.Start)];
    }
}
