using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using MicroSpark.Client.CommandLine;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Text;

namespace MicroSpark.Client.Shell;

/// <summary>
/// C# line by line: each submission is compiled on top of those before it, emitted (so that its bytes are at hand to be shipped), loaded
/// and run. A submission that does not compile, or that throws, leaves the session as it was.
/// </summary>
internal sealed class ScriptSession : IDisposable
{
    /// <summary>How stacks and messages name the place of a line that was typed.</summary>
    public const string Prompt = "prompt";

    private const string ContextVariable = "spark";

    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.CSharp14, kind: SourceCodeKind.Script);
    private static readonly EmitOptions s_emit = new(debugInformationFormat: DebugInformationFormat.PortablePdb);

    private static readonly string[] s_usings =
    [
        "System", "System.Collections.Generic", "System.Globalization", "System.IO", "System.Linq", "System.Text",
        "System.Text.RegularExpressions",
        "System.Threading", "System.Threading.Tasks", "MicroSpark",
    ];

    private readonly MicroSparkContext _spark;
    // What #r and #load of a typed line start from; those of a script start from its own folder.
    private readonly string _folder = Directory.GetCurrentDirectory();
    private readonly string _id = Guid.NewGuid().ToString("N")[..8];

    // Of this session alone: the compiler keeps the symbols of a reference, and two sessions at once would get a mixture of each other's.
    private readonly MetadataReference[] _references = FindReferences();
    private ScriptContext _context = new();
    private ScriptPackages _packages;
    private CSharpCompilation? _previous;
    private object?[] _states = new object?[16];
    private int _submissions;
    private int _compiled;

    private ScriptSession(MicroSparkContext spark)
    {
        _spark = spark;
        _packages = new ScriptPackages(_folder);
    }

    public static async Task<ScriptSession> StartAsync(MicroSparkContext spark)
    {
        var session = new ScriptSession(spark);
        await session.BeginAsync();
        return session;
    }

    /// <summary>Whether the text is a whole submission, or more lines must follow.</summary>
    public static bool IsComplete(string code) => SyntaxFactory.IsCompleteSubmission(Parse(code, Prompt));

    /// <summary>Whether the text is a submission without mistakes.</summary>
    public bool Compiles(string code, string path) =>
        !Compile(Parse(code, path)).GetDiagnostics().Any(static d => d.Severity == DiagnosticSeverity.Error);

    /// <summary>Brings the packages that a text names, for it and for what follows.</summary>
    /// <exception cref="ScriptErrorException">A package cannot be restored.</exception>
    public async Task AddPackagesAsync(string code, CancellationToken cancellationToken = default)
    {
        if (await _packages.AddAsync(code, cancellationToken))
        {
            foreach (var path in _packages.Assemblies)
            {
                _context.Reference(path);
            }
        }
    }

    /// <summary>Compiles and runs a submission.</summary>
    /// <param name="code">Statements, declarations, or an expression; the value of an expression without a semicolon is the result.</param>
    /// <param name="path">How errors name the source.</param>
    /// <exception cref="ScriptErrorException">It does not compile.</exception>
    public async Task<ScriptValue> RunAsync(string code, string path = Prompt, CancellationToken cancellationToken = default)
    {
        await AddPackagesAsync(code, cancellationToken);
        var tree = Parse(code, path);
        var compilation = Compile(tree);
        if (Load(compilation, cancellationToken) is not { } factory)
        {
            _previous = compilation;
            return default;
        }

        if (_submissions + 2 > _states.Length)
        {
            Array.Resize(ref _states, _states.Length * 2);
        }

        // The generated constructor enters the submission's object into the array, behind those before it.
        var value = await factory(_states!);

        // Given up: another line may be the next one already.
        cancellationToken.ThrowIfCancellationRequested();
        _previous = compilation;
        _submissions++;
        return new ScriptValue(EndsInValue(tree, compilation), value);
    }

    /// <summary>The type of an expression, as C# writes it; nothing is run.</summary>
    /// <exception cref="ScriptErrorException">It does not compile.</exception>
    public string TypeOf(string expression)
    {
        var tree = Parse(expression, Prompt);
        var compilation = Compile(tree);
        Refuse(compilation.GetDiagnostics());
        var last = (tree.GetRoot() as CompilationUnitSyntax)?.Members.LastOrDefault();
        return last is GlobalStatementSyntax { Statement: ExpressionStatementSyntax statement }
            ? compilation.GetSemanticModel(tree).GetTypeInfo(statement.Expression).Type?.ToDisplayString(
                SymbolDisplayFormat.MinimallyQualifiedFormat) ?? "void"
            : throw new ScriptErrorException([$"'{expression}' is no expression: it has no type."]);
    }

    /// <summary>The model of a text that is being typed, for completion.</summary>
    public (SyntaxTree Tree, SemanticModel Model) Analyse(string code)
    {
        var tree = Parse(code, Prompt);
        return (tree, Compile(tree).GetSemanticModel(tree));
    }

    /// <summary>Forgets all lines, here and at the workers, with the RDDs that were kept of them. Their code is unloaded.</summary>
    public async Task ResetAsync()
    {
        await _spark.ForgetCodeAsync(_context.Lines);
        Close();
        await BeginAsync();
    }

    public void Dispose() => Close();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Close()
    {
        _context.Close();
        _context = new ScriptContext();
        _packages = new ScriptPackages(_folder);
        _previous = null;
        _states = new object?[16];
        _submissions = 0;
    }

    /// <summary>
    /// The first submission declares the context; it is put there by hand, because the prompt's own types must not be shipped.
    /// </summary>
    private async Task BeginAsync()
    {
        await RunAsync($"MicroSparkContext {ContextVariable} = null;");
        var first = _states.First(state => state is not null)!;
        first.GetType().GetField(ContextVariable, BindingFlags.Public | BindingFlags.Instance)!.SetValue(first, _spark);
    }

    private static SyntaxTree Parse(string code, string path) =>
        CSharpSyntaxTree.ParseText(SourceText.From(ScriptPackages.Hide(code), Encoding.UTF8), s_parse, path);

    private CSharpCompilation Compile(SyntaxTree tree)
    {
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, scriptClassName: $"Submission#{_submissions}", usings: s_usings,
            optimizationLevel: OptimizationLevel.Release,
            allowUnsafe: true, nullableContextOptions: NullableContextOptions.Disable, concurrentBuild: true,
            sourceReferenceResolver: new Sources(_folder), metadataReferenceResolver: new Libraries(_folder));
        return CSharpCompilation.CreateScriptCompilation(
            $"Prompt-{_id}-{++_compiled}", tree, [.. _references, .. _packages.References], options, _previous, returnType: typeof(object));
    }

    /// <returns>Null when there is nothing to run: usings, references and comments alone.</returns>
    private Func<object[], Task<object>>? Load(CSharpCompilation compilation, CancellationToken cancellationToken)
    {
        using var image = new MemoryStream();
        using var symbols = new MemoryStream();
        var result = compilation.Emit(image, symbols, options: s_emit, cancellationToken: cancellationToken);
        Refuse(result.Diagnostics);
        foreach (var reference in compilation.DirectiveReferences.OfType<PortableExecutableReference>())
        {
            _context.Reference(reference.FilePath!);
        }

        if (!result.Success)
        {
            return null;
        }

        var assembly = _context.Add(image.ToArray(), symbols.ToArray());
        var entry = compilation.GetEntryPoint(cancellationToken)!;
        return assembly.GetType(entry.ContainingType.MetadataName)!
            .GetMethod(entry.MetadataName, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
            .CreateDelegate<Func<object[], Task<object>>>();
    }

    private static void Refuse(IEnumerable<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error).ToArray();
        if (errors.Length > 0)
        {
            throw new ScriptErrorException([.. errors.Select(Carets.Under)]);
        }
    }

    /// <summary>
    /// Whether the last thing is an expression without a semicolon; one of no type (an awaited Task) has nothing to show.
    /// </summary>
    private static bool EndsInValue(SyntaxTree tree, CSharpCompilation compilation) =>
        tree.GetRoot() is CompilationUnitSyntax
        { Members: [.., GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } last }] }
        && compilation.GetSemanticModel(tree).GetTypeInfo(last.Expression).Type is not { SpecialType: SpecialType.System_Void };

    /// <summary>Leaves the prompt its name, which is no file's.</summary>
    private sealed class Sources(string folder) : SourceFileResolver([], folder)
    {
        public override string? NormalizePath(string path, string? baseFilePath) =>
            path == Prompt ? path : base.NormalizePath(path, baseFilePath);

        public override string? ResolveReference(string path, string? baseFilePath) =>
            base.ResolveReference(HomePath.Expand(path), baseFilePath);
    }

    /// <summary>Finds the file of a <c>#r</c>.</summary>
    private sealed class Libraries(string folder) : MetadataReferenceResolver
    {
        private readonly ScriptMetadataResolver _files = ScriptMetadataResolver.Default.WithBaseDirectory(folder);

        public override ImmutableArray<PortableExecutableReference> ResolveReference(
            string reference, string? baseFilePath, MetadataReferenceProperties properties) =>
            _files.ResolveReference(HomePath.Expand(reference), baseFilePath, properties);

        public override bool Equals(object? other) => other is Libraries { _files: var files } && files.Equals(_files);

        public override int GetHashCode() => _files.GetHashCode();
    }

    /// <summary>What a line may name without a <c>#r</c>: the framework and MicroSpark.</summary>
    private static MetadataReference[] FindReferences()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return
        [
            .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => Path.GetDirectoryName(path) == framework
                    || Path.GetFileNameWithoutExtension(path) is "MicroSpark" or "MicroSpark.Core" or "MicroSpark.Grains")
                .Select(path => MetadataReference.CreateFromFile(path)),
        ];
    }
}

/// <summary>What a submission gave.</summary>
/// <param name="HasValue">Whether it ended in an expression whose value wants to be seen.</param>
internal readonly record struct ScriptValue(bool HasValue, object? Value);
