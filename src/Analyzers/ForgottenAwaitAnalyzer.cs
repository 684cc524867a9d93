using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MicroSpark.Analyzers;

/// <summary>An action whose task is dropped. The compiler says so only inside of async methods.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ForgottenAwaitAnalyzer() : SparkAnalyzer(OperationKind.ExpressionStatement, Rules.ForgottenAwait)
{
    protected override void Inspect(OperationAnalysisContext context, SparkSymbols symbols)
    {
        var statement = (IExpressionStatementOperation)context.Operation;
        if (statement.Operation is IInvocationOperation call && symbols.IsAction(call.TargetMethod))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.ForgottenAwait, call.Syntax.GetLocation(), call.TargetMethod.Name));
        }
    }
}
