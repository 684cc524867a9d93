using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Operations;

namespace MicroSpark.Analyzers;

/// <summary>
/// Copies a static variable or a member of this object to a local one before the statement, and uses that in the lambda: the task then gets
/// the value as it was when the operation was declared, and nothing beside it.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
internal sealed class LocalCopyFix : CodeFixProvider
{
    private const string Title = "Copy to a local variable";

    /// <inheritdoc />
    public override ImmutableArray<string> FixableDiagnosticIds { get; } =
        ImmutableArray.Create(Rules.StaticField.Id, Rules.CapturedThis.Id);

    /// <summary>None: two copies of one variable would have one name.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    /// <inheritdoc />
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax value
            || model?.GetOperation(value, context.CancellationToken) is not (IFieldReferenceOperation or IPropertyReferenceOperation)
            || value.Ancestors().OfType<LambdaExpressionSyntax>().LastOrDefault() is not { } lambda
            || lambda.FirstAncestorOrSelf<StatementSyntax>() is not { Parent: BlockSyntax or GlobalStatementSyntax } statement
            || NameFor(model.GetSymbolInfo(value, context.CancellationToken).Symbol, model, statement) is not { } name
            || Uses(lambda, value, model).Any(IsAssigned))
        {
            return;
        }

        context.RegisterCodeFix(
            CodeAction.Create(
                Title,
                async cancelled =>
                {
                    var editor = await DocumentEditor.CreateAsync(context.Document, cancelled).ConfigureAwait(false);
                    foreach (var use in Uses(lambda, value, model))
                    {
                        editor.ReplaceNode(use, SyntaxFactory.IdentifierName(name).WithTriviaFrom(use));
                    }

                    SyntaxNode copy = SyntaxFactory.ParseStatement($"var {name} = {value.WithoutTrivia()};\n")
                        .WithLeadingTrivia(statement.GetLeadingTrivia());
                    editor.InsertBefore(
                        statement.Parent is GlobalStatementSyntax global ? global : statement,
                        statement.Parent is GlobalStatementSyntax ? SyntaxFactory.GlobalStatement((StatementSyntax)copy) : copy);
                    return editor.GetChangedDocument();
                },
                Title),
            context.Diagnostics);
    }

    /// <summary>All uses of the same member within the lambda.</summary>
    private static IEnumerable<ExpressionSyntax> Uses(LambdaExpressionSyntax lambda, ExpressionSyntax value, SemanticModel model)
    {
        var member = model.GetSymbolInfo(value).Symbol;
        return lambda.DescendantNodes().OfType<ExpressionSyntax>().Where(node =>
            SyntaxFactory.AreEquivalent(node, value)
            && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(node).Symbol, member));
    }

    private static bool IsAssigned(ExpressionSyntax use) =>
        use.Parent?.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression
            or SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression
        || (use.Parent is AssignmentExpressionSyntax assignment && assignment.Left == use);

    /// <summary>The member's name as that of a local variable; null when something else has it there.</summary>
    private static string? NameFor(ISymbol? member, SemanticModel model, StatementSyntax statement)
    {
        var bare = member?.Name.TrimStart('_');
        if (string.IsNullOrEmpty(bare))
        {
            return null;
        }

        if (bare!.StartsWith("s_", StringComparison.Ordinal) && bare.Length > 2)
        {
            bare = bare.Substring(2);
        }

        var name = char.ToLowerInvariant(bare[0]) + bare.Substring(1);
        var taken = model.LookupSymbols(statement.SpanStart, name: name).Any(static found => found is ILocalSymbol or IParameterSymbol)
            || (member!.Name == name && !member.IsStatic);
        return taken || SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None ? null : name;
    }
}
