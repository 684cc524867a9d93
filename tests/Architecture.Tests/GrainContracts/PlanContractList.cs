using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MicroSpark.Tests.PublicApi;

namespace MicroSpark.Tests.GrainContracts;

/// <summary>
/// What a plan says to a worker that may be of another patch: in which order a node's arguments are read, the names and signatures of the
/// engine's own functions, and the fields of the engine's objects in both, which travel by their order.
/// </summary>
internal static class PlanContractList
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The bit of a field that does not travel; its name is obsolete.</summary>
    private const int NotSerialized = 0x80;

    public static IEnumerable<string> Of(IReadOnlyCollection<Type> types)
    {
        Type[] functions = [.. types.Where(IsFunction).OrderBy(type => type.FullName, StringComparer.Ordinal)];
        return SourceTree.Files(".cs", "src/Core").SelectMany(file => Reads(SourceTree.Read(file))).Order(StringComparer.Ordinal)
            .Concat(functions.SelectMany(Function))
            .Concat(ValuesOf(types, functions).OrderBy(type => type.FullName, StringComparer.Ordinal).SelectMany(Value));
    }

    /// <summary>For each method or constructor that takes the reader of a plan, what it does with it, in the order of the text.</summary>
    public static IEnumerable<string> Reads(string source)
    {
        foreach (var member in CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().OfType<BaseMethodDeclarationSyntax>())
        {
            if (member.ParameterList.Parameters.FirstOrDefault(parameter => parameter.Type?.ToString() == "PlanReader") is not { } reader)
            {
                continue;
            }

            var uses = member.DescendantNodes().OfType<IdentifierNameSyntax>().Where(name => name.Identifier.Text == reader.Identifier.Text)
                .Select(UseOf).ToArray();
            var owner = member.Ancestors().OfType<TypeDeclarationSyntax>().First();
            var method = member is MethodDeclarationSyntax { Identifier.Text: var name } ? $".{name}" : "";
            yield return $"read {owner.Identifier.Text}{owner.TypeParameterList}{method}: {string.Join(", ", uses)}";
        }
    }

    public static bool IsFunction(Type type) => type.GetCustomAttributesData().Any(data => data.AttributeType.Name == "EngineFunctionAttribute");

    public static IEnumerable<string> Function(Type type) =>
        Fields(type).Concat(type.GetMethods(Declared).Where(method => method.IsPublic).OrderBy(method => method.Name, StringComparer.Ordinal).Select(method => $"    {method}"))
            .Prepend($"function {type.FullName}");

    private static string UseOf(IdentifierNameSyntax reader) =>
        reader.Parent is MemberAccessExpressionSyntax access && access.Expression == reader ? access.Name.ToString()
        : reader.Parent is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } ? $"{call.Expression}()"
        : reader.Parent is ArgumentSyntax { Parent.Parent: ConstructorInitializerSyntax initializer } ? $"{initializer.ThisOrBaseKeyword}()"
        : reader.Parent!.ToString();

    private static IEnumerable<string> Value(Type type) => Fields(type).Prepend($"value {type.FullName}");

    private static IEnumerable<string> Fields(Type type) =>
        type.GetFields(Declared).Where(field => !field.IsStatic && ((int)field.Attributes & NotSerialized) == 0).OrderBy(field => field.MetadataToken)
            .Select(field => $"    {TypeText.Of(field.FieldType)} {field.Name.Split('<', '>') switch { [_, var name, _] => name, _ => field.Name }}");

    /// <summary>
    /// The engine's own types among the fields of functions and the type arguments of nodes, those below them, and what may stand for them.
    /// </summary>
    private static HashSet<Type> ValuesOf(IReadOnlyCollection<Type> types, IEnumerable<Type> functions)
    {
        var own = types.ToHashSet();
        var found = new HashSet<Type>();
        var nodes = types.Where(type => BasesOf(type).Any(ancestor => ancestor.Name.StartsWith("PlanNode", StringComparison.Ordinal)));
        var open = new Stack<Type>(
            functions.SelectMany(FieldTypes).Concat(nodes.SelectMany(node => BasesOf(node).SelectMany(ancestor => ancestor.GenericTypeArguments))));
        while (open.TryPop(out var type))
        {
            // A function's own types are those of its method, and what it gives stays where it runs.
            if (typeof(Delegate).IsAssignableFrom(type))
            {
                continue;
            }

            foreach (var argument in type.GenericTypeArguments)
            {
                open.Push(argument);
            }

            if (type.HasElementType)
            {
                open.Push(type.GetElementType()!);
            }

            var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
            if (definition.IsGenericParameter || definition.IsEnum
                || BasesOf(definition).Any(ancestor => ancestor.Name.StartsWith("PlanNode", StringComparison.Ordinal)))
            {
                continue;
            }

            foreach (var heir in types.Where(other => IsBelow(other, definition)))
            {
                open.Push(heir);
            }

            if (own.Contains(definition) && !definition.IsInterface && found.Add(definition))
            {
                foreach (var field in FieldTypes(definition))
                {
                    open.Push(field);
                }
            }
        }

        return found;
    }

    private static bool IsBelow(Type type, Type ancestor) =>
        type != ancestor && (ancestor.IsInterface ? ancestor.Name is "IComparer`1" or "IEqualityComparer`1" && Interfaces(type).Contains(ancestor)
            : ancestor.Assembly == type.Assembly && BasesOf(type).Skip(1).Any(known => Definition(known) == ancestor));

    private static IEnumerable<Type> Interfaces(Type type) => type.GetInterfaces().Select(Definition);

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static IEnumerable<Type> FieldTypes(Type type) =>
        type.GetFields(Declared).Where(field => !field.IsStatic && ((int)field.Attributes & NotSerialized) == 0).Select(field => field.FieldType);

    private static IEnumerable<Type> BasesOf(Type type)
    {
        for (var ancestor = type; ancestor is not null; ancestor = ancestor.BaseType)
        {
            yield return ancestor;
        }
    }
}
