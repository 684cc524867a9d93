using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Tests.PublicApi;

/// <summary>Writes one member as its C# declaration on one line.</summary>
internal static class MemberText
{
    public static string Of(ConstructorInfo constructor) =>
        $"{Access(constructor)}{constructor.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor)})";

    public static string Of(FieldInfo field)
    {
        var kind = field.IsLiteral ? "const " : field.IsStatic ? "static readonly " : field.IsInitOnly ? "readonly " : "";
        var value = field.IsLiteral ? " = " + Literal(field.GetRawConstantValue(), field.FieldType) : "";
        return $"{kind}{TypeText.Of(field.FieldType, field.GetCustomAttributesData(), field)} {field.Name}{value}";
    }

    public static string Of(EventInfo @event) =>
        $"event {TypeText.Of(@event.EventHandlerType!, @event.GetCustomAttributesData(), @event)} {@event.Name}";

    public static string Of(PropertyInfo property)
    {
        var accessor = property.GetMethod ?? property.SetMethod!;
        var index = property.GetIndexParameters();
        var name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        return $"{Access(accessor)}{Modifiers(accessor)}{TypeText.Of(property.PropertyType, property.GetCustomAttributesData(), accessor)} {name} " +
            $"{{ {(IsVisible(property.GetMethod) ? "get; " : "")}{(IsVisible(property.SetMethod) ? IsInit(property) ? "init; " : "set; " : "")}}}";
    }

    /// <param name="extension">Whether the first parameter is the type that the method extends; it is listed there, so its modifiers are left out.</param>
    public static string Of(MethodInfo method, bool extension = false)
    {
        var returns = TypeText.Of(method.ReturnType, method.ReturnParameter.GetCustomAttributesData(), method);
        var name = method.Name.StartsWith("op_", StringComparison.Ordinal) ? "operator " + method.Name[3..] : method.Name;
        var generics = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(type => type.Name))}>" : "";
        var head = extension ? "extension " : Access(method) + Modifiers(method);
        return $"{head}{returns} {name}{generics}({(extension ? "this " : "")}{Parameters(method)}){Constraints(method)}";
    }

    /// <summary>Public, or protected of a type that others may derive from: what another assembly can reach.</summary>
    public static bool IsVisible(MethodBase? method) =>
        method is not null && (method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed));

    public static string Constraints(Type[] parameters)
    {
        var clauses = parameters.Select(parameter => (parameter.Name, Limits: Limits(parameter))).Where(clause => clause.Limits.Length > 0);
        return string.Concat(clauses.Select(clause => $" where {clause.Name} : {clause.Limits}"));
    }

    private static string Constraints(MethodInfo method) => method.IsGenericMethodDefinition ? Constraints(method.GetGenericArguments()) : "";

    private static string Limits(Type parameter)
    {
        var flags = parameter.GenericParameterAttributes;
        var isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        List<string> limits = [];
        if (isStruct)
        {
            limits.Add("struct");
        }
        else if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            limits.Add("class");
        }

        limits.AddRange(
            from type in parameter.GetGenericParameterConstraints()
            where type != typeof(ValueType)
            select TypeText.Of(type));
        if (!isStruct && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
        {
            limits.Add("new()");
        }

        return string.Join(", ", limits);
    }

    private static bool IsInit(PropertyInfo property) =>
        property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) =>
        method.IsStatic ? "static "
        : method.DeclaringType!.IsInterface ? ""
        : method.IsAbstract ? "abstract "
        : method.GetBaseDefinition() != method ? "override "
        : method is { IsVirtual: true, IsFinal: false } ? "virtual "
        : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var attributes = parameter.GetCustomAttributesData();
        var prefix = attributes.Any(a => a.AttributeType == typeof(ParamArrayAttribute) || a.AttributeType == typeof(ParamCollectionAttribute)) ? "params "
            : parameter.IsOut ? "out "
            : parameter.ParameterType.IsByRef ? parameter.IsIn ? "in " : "ref "
            : "";
        var value = parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue, parameter.ParameterType) : "";
        return $"{prefix}{TypeText.Of(parameter.ParameterType, attributes, parameter.Member)} {parameter.Name}{value}";
    }

    private static string Literal(object? value, Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null => type.IsValueType && plain == type ? "default" : "null",
            string text => $"\"{text}\"",
            bool flag => flag ? "true" : "false",
            _ when plain.IsEnum => $"{plain.Name}.{Enum.GetName(plain, value) ?? value}",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
    }
}
