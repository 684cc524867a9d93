using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MicroSpark.Analyzers;

/// <summary>Looks at one kind of operation, where MicroSpark is used at all.</summary>
internal abstract class SparkAnalyzer(OperationKind kind, params DiagnosticDescriptor[] rules) : DiagnosticAnalyzer
{
    /// <inheritdoc />
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(rules);

    /// <inheritdoc />
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (SparkSymbols.Of(start.Compilation) is { } symbols)
            {
                start.RegisterOperationAction(found => Inspect(found, symbols), kind);
            }
        });
    }

    protected abstract void Inspect(OperationAnalysisContext context, SparkSymbols symbols);
}
