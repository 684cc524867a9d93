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

                    // What is written above the statement stays above both, once.
                    var above = statement.GetLeadingTrivia();
                    var indent = above.Reverse().TakeWhile(static part => part.IsKind(SyntaxKind.WhitespaceTrivia));
                    var copy = SyntaxFactory.ParseStatement($"var {name} = {value.WithoutTrivia()};\n").WithLeadingTrivia(above);
                    var global = statement.Parent as GlobalStatementSyntax;
                    editor.InsertBefore(global ?? (SyntaxNode)statement, global is null ? copy : SyntaxFactory.GlobalStatement(copy));
                    editor.ReplaceNode(statement, (current, _) => current.WithLeadingTrivia(indent));
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

    /// <summary>Written to, or handed out by reference, which may write to it.</summary>
    private static bool IsAssigned(ExpressionSyntax use) =>
        use.Parent?.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression
            or SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression
        || (use.Parent is AssignmentExpressionSyntax assignment && assignment.Left == use)
        || use.Parent is ArgumentSyntax { RefKindKeyword.RawKind: not (int)SyntaxKind.None };

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
