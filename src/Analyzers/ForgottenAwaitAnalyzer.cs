using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MicroSpark.Analyzers;

/// <summary>An action whose task is dropped. The compiler says so only inside of async methods.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ForgottenAwaitAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc />
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.ForgottenAwait);

    /// <inheritdoc />
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (SparkSymbols.Of(start.Compilation) is { } symbols)
            {
                start.RegisterOperationAction(found => Inspect(found, symbols), OperationKind.ExpressionStatement);
            }
        });
    }

    private static void Inspect(OperationAnalysisContext context, SparkSymbols symbols)
    {
        var statement = (IExpressionStatementOperation)context.Operation;
        if (statement.Operation is IInvocationOperation call && symbols.IsAction(call.TargetMethod))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.ForgottenAwait, call.Syntax.GetLocation(), call.TargetMethod.Name));
        }
    }
}
