using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MicroSpark.Analyzers;

/// <summary>
/// Keys that compare by reference. Only what is so in itself or in a tuple is told: the runtime looks into all parts of a key.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class KeyAnalyzer() : SparkAnalyzer(OperationKind.Invocation, Rules.KeyByReference)
{
    /// <summary>Operations whose key is the type parameter of that name.</summary>
    private const string KeyParameter = "K";

    private static readonly ImmutableHashSet<string> s_byKey = ImmutableHashSet.Create(
        "ReduceByKey", "AggregateByKey", "FoldByKey", "CombineByKey", "GroupByKey", "GroupBy", "Join", "LeftOuterJoin", "RightOuterJoin",
        "FullOuterJoin", "GroupJoin", "Cogroup", "SubtractByKey", "PartitionBy", "CountByKeyAsync", "CollectAsMapAsync", "LookupAsync",
        "ReduceByKeyLocallyAsync", "CountApproxDistinctByKey");

    /// <summary>Operations whose keys are the elements.</summary>
    private static readonly ImmutableHashSet<string> s_byElement = ImmutableHashSet.Create(
        "Distinct", "Intersection", "Subtract", "CountByValueAsync", "CountByValueApproxAsync", "CountApproxDistinctAsync");

    protected override void Inspect(OperationAnalysisContext context, SparkSymbols symbols)
    {
        var call = (IInvocationOperation)context.Operation;
        if (symbols.IsOperation(call.TargetMethod) && KeyOf(call.TargetMethod) is { } key && ByReference(key) is { } found)
        {
            var place = call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access }
                ? access.Name
                : call.Syntax;
            context.ReportDiagnostic(Diagnostic.Create(
                Rules.KeyByReference, place.GetLocation(), call.TargetMethod.Name,
                found.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)));
        }
    }

    private static ITypeSymbol? KeyOf(IMethodSymbol method)
    {
        if (s_byElement.Contains(method.Name) && method.ContainingType is { TypeArguments.Length: 1 } rdd)
        {
            return rdd.TypeArguments[0];
        }

        if (!s_byKey.Contains(method.Name))
        {
            return null;
        }

        // An extension that is called on its receiver has its parameters' types, and those of the method it was made of.
        var definition = method.ReducedFrom is null ? method : method.ReducedFrom;
        var constructed = method.ReducedFrom is null ? method : method.GetConstructedReducedFrom();
        return definition.TypeParameters.FirstOrDefault(parameter => parameter.Name == KeyParameter) is { } key
            ? constructed?.TypeArguments[key.Ordinal]
            : null;
    }

    /// <summary>The type, or the one inside a tuple, that has no equality but that of references; null when there is none.</summary>
    private static ITypeSymbol? ByReference(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol => type,
        INamedTypeSymbol { IsTupleType: true } tuple =>
            tuple.TupleElements.Select(element => ByReference(element.Type)).FirstOrDefault(found => found is not null),
        INamedTypeSymbol { TypeKind: TypeKind.Delegate } => type,
        INamedTypeSymbol { TypeKind: TypeKind.Class, IsAbstract: false, SpecialType: SpecialType.None } named
            when !HasEquals(named) => type,
        _ => null,
    };

    private static bool HasEquals(INamedTypeSymbol type)
    {
        for (var part = type; part is { SpecialType: SpecialType.None }; part = part.BaseType)
        {
            if (part.IsRecord || part.GetMembers(nameof(Equals)).OfType<IMethodSymbol>().Any(method =>
                method.IsOverride && method.Parameters.Length == 1 && method.Parameters[0].Type.SpecialType == SpecialType.System_Object))
            {
                return true;
            }
        }

        return false;
    }
}
