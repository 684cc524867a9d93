using Microsoft.CodeAnalysis;

namespace MicroSpark.Analyzers;

/// <summary>The types of MicroSpark that a compilation refers to.</summary>
internal sealed class SparkSymbols
{
    /// <summary>Known ones of what the codecs refuse: the runtime judges all types, and says of each what to do.</summary>
    private static readonly string[] s_ofTheProcess =
    [
        "System.Threading.Tasks.Task", "System.Threading.Tasks.ValueTask", "System.Threading.Tasks.ValueTask`1", "System.Lazy`1",
        "System.Threading.CancellationToken", "System.Threading.CancellationTokenSource", "System.Threading.Thread",
        "System.Threading.Timer", "System.Threading.SemaphoreSlim", "System.Threading.WaitHandle", "System.IO.Stream",
        "System.IO.TextReader", "System.IO.TextWriter", "System.Net.Http.HttpMessageInvoker", "System.Net.Sockets.Socket",
        "System.Data.Common.DbConnection", "System.Data.Common.DbCommand", "System.Diagnostics.Process", "System.Reflection.MemberInfo",
    ];

    private readonly INamedTypeSymbol _rdd;
    private readonly INamedTypeSymbol? _context;
    private readonly INamedTypeSymbol? _random;
    private readonly INamedTypeSymbol _task;
    private readonly INamedTypeSymbol? _type;
    private readonly INamedTypeSymbol[] _ofTheProcess;

    private SparkSymbols(INamedTypeSymbol rdd, INamedTypeSymbol task, Compilation compilation)
    {
        _rdd = rdd;
        _task = task;
        _context = compilation.GetTypeByMetadataName("MicroSpark.MicroSparkContext");
        _random = compilation.GetTypeByMetadataName("System.Random");
        _type = compilation.GetTypeByMetadataName("System.Type");
        _ofTheProcess = [.. s_ofTheProcess.Select(compilation.GetTypeByMetadataName).OfType<INamedTypeSymbol>()];
    }

    /// <summary>Null where MicroSpark is not used: then there is nothing to look at.</summary>
    public static SparkSymbols? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName("MicroSpark.Rdd`1") is { } rdd
        && compilation.GetTypeByMetadataName("System.Threading.Tasks.Task") is { } task
            ? new SparkSymbols(rdd, task, compilation)
            : null;

    /// <summary>An operator, an action or a source: what takes the functions of tasks. Others are called in the program itself.</summary>
    public bool IsOperation(IMethodSymbol method) =>
        SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, _rdd.ContainingAssembly)
        || (method.Name == "RunJobAsync" && IsContext(method.ContainingType));

    /// <summary>An operation whose result is awaited.</summary>
    public bool IsAction(IMethodSymbol method) => IsOperation(method) && Is(method.ReturnType, _task);

    public bool IsOnlyOnTheClient(ITypeSymbol? type) => Is(type, _rdd) || IsContext(type);

    public bool IsRandom(ITypeSymbol? type) => Is(type, _random);

    /// <summary>Whether values of the type stand for something that the process owns.</summary>
    public bool IsOfTheProcess(ITypeSymbol? type) => Array.Exists(_ofTheProcess, known => Is(type, known)) && !Is(type, _type);

    private bool IsContext(ITypeSymbol? type) => Is(type, _context);

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol? wanted)
    {
        for (var part = type; part is not null && wanted is not null; part = part.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(part.OriginalDefinition, wanted))
            {
                return true;
            }
        }

        return false;
    }
}
