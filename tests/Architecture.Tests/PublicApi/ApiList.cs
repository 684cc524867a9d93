using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Tests.PublicApi;

/// <summary>All that a program can name of some types: one line for each type, then its members, each sorted.</summary>
internal static class ApiList
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    public static IEnumerable<string> Of(IEnumerable<Type> exported)
    {
        var types = exported.Where(IsWritten).ToArray();
        var extensions = types.SelectMany(Extensions).ToLookup(method => Extended(method), method => MemberText.Of(method, extension: true));
        var owned = types.ToDictionary(Heading, Members);
        var names = types.ToDictionary(type => TypeText.NameOf(type, withNamespace: false), Heading);

        // Extensions of a type that is not ours, or of a closed form such as Rdd<(K Key, V Value)>, get a heading of their own.
        foreach (var group in extensions)
        {
            var heading = names.GetValueOrDefault(group.Key) ?? "extends " + group.Key;
            owned[heading] = owned.GetValueOrDefault(heading, []).Concat(group);
        }

        foreach (var (heading, members) in owned.OrderBy(pair => pair.Key.Split(' ', 2)[1], StringComparer.Ordinal).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            yield return heading;
            foreach (var member in members.Order(StringComparer.Ordinal))
            {
                yield return "    " + member;
            }
        }
    }

    /// <summary>Compilers' and generators' own types are no surface: nobody can or should name them.</summary>
    private static bool IsWritten(Type type) =>
        !type.Name.StartsWith('<') && type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true &&
        !type.IsDefined(typeof(CompilerGeneratedAttribute)) && (type.DeclaringType is null || IsWritten(type.DeclaringType));

    private static string Heading(Type type)
    {
        var bases = new List<string>();
        if (type is { BaseType: { } parent, IsValueType: false } && parent != typeof(object) && parent != typeof(MulticastDelegate))
        {
            bases.Add(TypeText.Of(parent));
        }

        if (!type.IsEnum && !typeof(Delegate).IsAssignableFrom(type))
        {
            var inherited = (type.BaseType?.GetInterfaces() ?? []).Concat(type.GetInterfaces().SelectMany(own => own.GetInterfaces())).ToHashSet();
            bases.AddRange(type.GetInterfaces().Where(own => own.IsPublic && !inherited.Contains(own)).Select(TypeText.Of).Order(StringComparer.Ordinal));
        }

        return $"{Kind(type)} {TypeText.NameOf(type, withNamespace: true)}{(bases.Count == 0 ? "" : " : " + string.Join(", ", bases))}" +
            (type.IsGenericTypeDefinition ? MemberText.Constraints(type.GetGenericArguments()) : "");
    }

    private static string Kind(Type type)
    {
        var record = type.GetMethod("<Clone>$") is not null || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is not null);
        return type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly-" : "") + (record ? "record-struct" : "struct"),
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static-class",
            _ => (type.IsAbstract ? "abstract-" : type.IsSealed ? "sealed-" : "") + (record ? "record" : "class"),
        };
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue())}");
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return [MemberText.Of(type.GetMethod("Invoke")!)];
        }

        var methods = type.GetMethods(Declared).Where(method => MemberText.IsVisible(method) && !IsExtension(method) && !IsOfCompiler(method) &&
            (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)));
        return type.GetConstructors(Declared).Where(constructor => MemberText.IsVisible(constructor) && !IsOfCompiler(constructor)).Select(MemberText.Of)
            .Concat(type.GetProperties(Declared).Where(property => property.GetAccessors(true).Any(MemberText.IsVisible) && !IsOfCompiler(property)).Select(MemberText.Of))
            .Concat(type.GetEvents(Declared).Where(@event => MemberText.IsVisible(@event.AddMethod)).Select(MemberText.Of))
            .Concat(type.GetFields(Declared).Where(field => field.IsPublic || (field.IsFamily && !type.IsSealed)).Select(MemberText.Of))
            .Concat(methods.Select(method => MemberText.Of(method)));
    }

    private static bool IsOfCompiler(MemberInfo member) => member.Name.Contains('<') || member.IsDefined(typeof(CompilerGeneratedAttribute));

    private static IEnumerable<MethodInfo> Extensions(Type type) =>
        type is { IsAbstract: true, IsSealed: true } ? type.GetMethods(Declared).Where(method => method.IsPublic && IsExtension(method)) : [];

    /// <summary>An extension method, or a C# 14 extension operator, which a static class cannot declare in any other way.</summary>
    private static bool IsExtension(MethodInfo method) =>
        method.IsDefined(typeof(ExtensionAttribute)) ||
        (method.Name.StartsWith("op_", StringComparison.Ordinal) && method.DeclaringType is { IsAbstract: true, IsSealed: true });

    private static string Extended(MethodInfo method)
    {
        var receiver = method.GetParameters()[0];
        return TypeText.Of(receiver.ParameterType, receiver.GetCustomAttributesData(), method);
    }
}
