using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MicroSpark.Analyzers;

/// <summary>Looks into each lambda that an operation sends to tasks.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class TaskLambdaAnalyzer() : SparkAnalyzer(
    OperationKind.AnonymousFunction, Rules.OnlyOnTheClient, Rules.StaticField, Rules.LostWrite, Rules.CapturedRandom, Rules.CapturedThis,
    Rules.AsyncElement, Rules.OfTheProcess)
{
    /// <summary>Methods of the framework's collections and builders that change them.</summary>
    private static readonly ImmutableHashSet<string> s_changing = ImmutableHashSet.Create(
        "Add", "AddRange", "Append", "AppendLine", "AppendFormat", "Clear", "Enqueue", "Dequeue", "Insert", "Push", "Pop", "Remove",
        "RemoveAt", "TryAdd", "TryRemove", "AddOrUpdate", "GetOrAdd", "TryDequeue", "TryPop", "UnionWith", "AddFirst", "AddLast");

    protected override void Inspect(OperationAnalysisContext context, SparkSymbols symbols)
    {
        var lambda = (IAnonymousFunctionOperation)context.Operation;
        if (ArgumentOf(lambda) is not { Parent: IInvocationOperation call } argument || !symbols.IsOperation(call.TargetMethod))
        {
            return;
        }

        if (lambda.Symbol.IsAsync && GivesElements(argument.Parameter))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.AsyncElement, lambda.Syntax.GetLocation(), call.TargetMethod.Name));
        }

        foreach (var used in lambda.Body.Descendants())
        {
            if (Problem(used, lambda, symbols) is { } problem)
            {
                context.ReportDiagnostic(problem);
            }
        }
    }

    /// <summary>The argument that a lambda is; null when it is something else, such as a local variable's value.</summary>
    private static IArgumentOperation? ArgumentOf(IOperation lambda)
    {
        var parent = lambda.Parent;
        while (parent is IDelegateCreationOperation or IConversionOperation or IParenthesizedOperation)
        {
            parent = parent.Parent;
        }

        return parent as IArgumentOperation;
    }

    /// <summary>Whether what the function gives is an element: its result is then a type parameter of the operation.</summary>
    private static bool GivesElements(IParameterSymbol? parameter) =>
        parameter?.OriginalDefinition.Type is INamedTypeSymbol { DelegateInvokeMethod.ReturnType.TypeKind: TypeKind.TypeParameter };

    private static Diagnostic? Problem(
        IOperation used, IAnonymousFunctionOperation lambda, SparkSymbols symbols)
    {
        switch (used)
        {
            case { Parent: INameOfOperation }:
                return null;
            case IFieldReferenceOperation { Field: { IsStatic: true, IsReadOnly: false, IsConst: false } field } when IsOwn(field):
                return Broken(Rules.StaticField, used, field.Name);
            case IPropertyReferenceOperation { Property: { IsStatic: true } property } when IsOwn(property) && IsVariable(property):
                return Broken(Rules.StaticField, used, property.Name);
            case ILocalReferenceOperation or IParameterReferenceOperation or IInstanceReferenceOperation or IFieldReferenceOperation
                or IPropertyReferenceOperation:
                return Captured(used, lambda, symbols);
            default:
                return null;
        }
    }

    private static Diagnostic? Captured(
        IOperation used, IAnonymousFunctionOperation lambda, SparkSymbols symbols)
    {
        if (NameOfCaptured(used, lambda) is not { } name)
        {
            return null;
        }

        if (symbols.IsOnlyOnTheClient(used.Type))
        {
            return Broken(Rules.OnlyOnTheClient, used, name);
        }

        if (symbols.IsRandom(used.Type))
        {
            return Broken(Rules.CapturedRandom, used, name);
        }

        if (symbols.IsOfTheProcess(used.Type))
        {
            return Diagnostic.Create(Rules.OfTheProcess, used.Syntax.GetLocation(), name, used.Type!.Name);
        }

        if (IsChanged(used))
        {
            return Broken(Rules.LostWrite, used, name);
        }

        // An object's field of those kinds has been told by its own name.
        return used is IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }
            && used.Parent is IMemberReferenceOperation or IInvocationOperation
            && !(used.Parent is IMemberReferenceOperation { Type: var type }
                && (symbols.IsOnlyOnTheClient(type) || symbols.IsRandom(type) || symbols.IsOfTheProcess(type)))
            && !IsChanged(used.Parent)
                ? Broken(Rules.CapturedThis, used.Parent, NameOf(used.Parent))
                : null;
    }

    private static Diagnostic Broken(DiagnosticDescriptor rule, IOperation at, string name) =>
        Diagnostic.Create(rule, at.Syntax.GetLocation(), name);

    /// <summary>The name of what lives outside of the lambda; null for what is its own.</summary>
    private static string? NameOfCaptured(IOperation used, IAnonymousFunctionOperation lambda)
    {
        switch (used)
        {
            case ILocalReferenceOperation { Local: { IsConst: false } local } when IsOutside(local, lambda):
                return local.Name;
            case IParameterReferenceOperation { Parameter: var parameter } when IsOutside(parameter, lambda):
                return parameter.Name;
            case IFieldReferenceOperation { Instance: IInstanceReferenceOperation instance, Field: var field }
                when instance.ReferenceKind == InstanceReferenceKind.ContainingTypeInstance:
                return field.Name;
            case IPropertyReferenceOperation { Instance: IInstanceReferenceOperation instance, Property: var property }
                when instance.ReferenceKind == InstanceReferenceKind.ContainingTypeInstance:
                return property.Name;
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                return "this";
            default:
                return null;
        }
    }

    private static bool IsOutside(ISymbol symbol, IAnonymousFunctionOperation lambda) =>
        symbol.DeclaringSyntaxReferences.All(place =>
            place.SyntaxTree != lambda.Syntax.SyntaxTree || !lambda.Syntax.FullSpan.Contains(place.Span));

    /// <summary>Assigned to, counted up, handed out by reference, or a collection that is added to.</summary>
    private static bool IsChanged(IOperation used) => used.Parent switch
    {
        IAssignmentOperation assignment => assignment.Target == used,
        IIncrementOrDecrementOperation => true,
        IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } => true,
        IInvocationOperation { TargetMethod: { IsStatic: false } method } call =>
            call.Instance == used && s_changing.Contains(method.Name) && IsOfFramework(method.ContainingType)
            && !used.Type!.Name.StartsWith("Immutable", StringComparison.Ordinal),
        IPropertyReferenceOperation { Property.IsIndexer: true } element => element.Instance == used && IsChanged(element),
        IArrayElementReferenceOperation element => element.ArrayReference == used && IsChanged(element),
        _ => false,
    };

    private static bool IsOfFramework(INamedTypeSymbol type) =>
        type.ContainingNamespace.ToDisplayString() is var space
        && (space == "System.Text" || space.StartsWith("System.Collections", StringComparison.Ordinal));

    /// <summary>Of the program: what libraries keep in static fields is theirs, mostly caches.</summary>
    private static bool IsOwn(ISymbol symbol) => symbol.DeclaringSyntaxReferences.Length > 0;

    /// <summary>Whether it keeps a value that can be set, rather than computes one.</summary>
    private static bool IsVariable(IPropertySymbol property) =>
        property.SetMethod is not null
        && property.ContainingType.GetMembers().OfType<IFieldSymbol>().Any(
            field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private static string NameOf(IOperation member) => member switch
    {
        IMemberReferenceOperation reference => reference.Member.Name,
        IInvocationOperation call => call.TargetMethod.Name,
        _ => "this",
    };
}
