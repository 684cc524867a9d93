using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace MicroSpark.Tests.PublicApi;

/// <summary>
/// Writes a reflected type as C# would: keywords, tuples with their element names, <c>?</c> where null is allowed.
/// </summary>
/// <remarks>
/// The compiler stores names and nullability beside a signature as flat lists in pre-order over the whole type. So the writer walks the
/// type once, in that order, and takes one entry at each step that owns one.
/// </remarks>
internal sealed class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new (Type Type, string Keyword)[]
    {
        (typeof(void), "void"), (typeof(object), "object"), (typeof(string), "string"), (typeof(bool), "bool"), (typeof(char), "char"),
        (typeof(byte), "byte"), (typeof(sbyte), "sbyte"), (typeof(short), "short"), (typeof(ushort), "ushort"), (typeof(int), "int"),
        (typeof(uint), "uint"), (typeof(long), "long"), (typeof(ulong), "ulong"), (typeof(float), "float"), (typeof(double), "double"),
        (typeof(decimal), "decimal"),
    }.ToDictionary(pair => pair.Type, pair => pair.Keyword);

    private readonly Queue<string?> _tupleNames;
    private readonly byte[] _nullable;
    private readonly byte _default;
    private int _position;

    private TypeText(IEnumerable<CustomAttributeData> attributes, MemberInfo? context)
    {
        var own = attributes.ToArray();
        _tupleNames = new Queue<string?>(
            Argument(own, "TupleElementNamesAttribute")?.Value is IReadOnlyCollection<CustomAttributeTypedArgument> names
                ? names.Select(name => (string?)name.Value)
                : []);
        _default = ContextOf(context);
        _nullable = Argument(own, "NullableAttribute")?.Value switch
        {
            byte one => [one],
            IReadOnlyCollection<CustomAttributeTypedArgument> many => [.. many.Select(flag => (byte)flag.Value!)],
            _ => [],
        };
    }

    public static string Of(Type type, IEnumerable<CustomAttributeData> attributes, MemberInfo context) =>
        new TypeText(attributes, context).Write(type.IsByRef ? type.GetElementType()! : type);

    /// <summary>A type as such, in a place where null makes no sense: a base, an interface, a constraint.</summary>
    public static string Of(Type type) => new TypeText([], null).Write(type);

    /// <summary>A type's own name with its type parameters, such as <c>Rdd&lt;T&gt;</c>; nested types as <c>Outer.Inner</c>.</summary>
    public static string NameOf(Type type, bool withNamespace)
    {
        var parameters = type.GetGenericArguments();
        var outer = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var name = type.Name.Split('`')[0] + Angled(parameters.Skip(outer).Select(parameter => parameter.Name));
        return type.DeclaringType is { } declaring ? $"{NameOf(declaring, withNamespace)}.{name}"
            : withNamespace && type.Namespace is not (null or "MicroSpark") ? $"{type.Namespace}.{name}"
            : name;
    }

    private static string Angled(IEnumerable<string> names)
    {
        var all = string.Join(", ", names);
        return all.Length == 0 ? "" : $"<{all}>";
    }

    private string Write(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Write(underlying) + "?";
        }

        var mark = TakesFlag(type) && NextFlag() == 2 && !type.IsValueType ? "?" : "";
        if (type.IsGenericParameter)
        {
            return type.Name + mark;
        }

        if (type.IsArray)
        {
            return $"{Write(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        if (typeof(ITuple).IsAssignableFrom(type) && type.IsValueType && type.IsGenericType)
        {
            return WriteTuple(type);
        }

        return Keywords.TryGetValue(type, out var keyword) ? keyword + mark : WriteNamed(type) + mark;
    }

    private string WriteTuple(Type type)
    {
        var elements = type.GetGenericArguments();
        var names = elements.Select(_ => _tupleNames.TryDequeue(out var name) ? name : null).ToArray();
        var text = new StringBuilder("(");
        for (var i = 0; i < elements.Length; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(Write(elements[i])).Append(names[i] is { } name ? " " + name : "");
        }

        return text.Append(')').ToString();
    }

    private string WriteNamed(Type type)
    {
        var name = type.Name.Split('`')[0];
        var prefix = type.DeclaringType is { } declaring ? declaring.Name.Split('`')[0] + "." : "";
        return prefix + name + Angled(type.GetGenericArguments().Select(Write).ToArray());
    }

    /// <summary>Plain value types own no entry in the list of flags; generic ones own one that is always 0.</summary>
    private static bool TakesFlag(Type type) => type.IsGenericParameter || !type.IsValueType || type.IsGenericType;

    private byte NextFlag() => _nullable.Length switch
    {
        0 => _default,
        1 => _nullable[0],
        _ => _nullable[_position++],
    };

    private static byte ContextOf(MemberInfo? member)
    {
        for (; member is not null; member = member.DeclaringType)
        {
            if (Argument(member.GetCustomAttributesData(), "NullableContextAttribute")?.Value is byte flag)
            {
                return flag;
            }
        }

        return 0;
    }

    private static CustomAttributeTypedArgument? Argument(IEnumerable<CustomAttributeData> attributes, string name)
    {
        var found = attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name);
        return found is { ConstructorArguments.Count: > 0 } ? found.ConstructorArguments[0] : null;
    }
}
