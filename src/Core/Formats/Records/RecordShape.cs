using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace MicroSpark.Formats.Records;

/// <summary>
/// How an element type is made of named values. First comes the public constructor with the most parameters, each named after a member
/// (case aside). Then come the settable public properties and fields. So records, classes, structs and anonymous types work as they are;
/// the items of a value tuple have no names of their own and go by position.
/// </summary>
internal sealed class RecordShape
{
    private readonly ConstructorInfo? _constructor;

    private RecordShape(Type type, ConstructorInfo? constructor, RecordMember[] members, bool isTuple)
    {
        (Type, _constructor, Members, IsTuple) = (type, constructor, members, isTuple);
    }

    public Type Type { get; }

    /// <summary>In the order of the constructor's parameters, then of declaration, a base class's first.</summary>
    public IReadOnlyList<RecordMember> Members { get; }

    /// <summary>Whether values go by position, since the items' names are the compiler's alone.</summary>
    public bool IsTuple { get; }

    /// <exception cref="ArgumentException">The type is no record of named values; says what would be one.</exception>
    public static RecordShape Of(Type type, string operatorName)
    {
        var isTuple = type.IsValueType && type.IsAssignableTo(typeof(ITuple));
        if (type.IsPrimitive || type.IsEnum || type.IsArray || type.IsPointer || type == typeof(string) || type == typeof(object)
            || type == typeof(decimal) || Nullable.GetUnderlyingType(type) is not null
                || type.IsAssignableTo(typeof(System.Collections.IEnumerable)))
        {
            throw new ArgumentException(
                $"{operatorName} needs an element type with named values, a record, class, struct or tuple; '{type}' is none. Map to "
                + $"one, such as record Row(string Name, int Count).");
        }

        RowTypes.EnsureData(type, operatorName);
        if (type.IsAbstract || type.IsInterface)
        {
            throw new ArgumentException($"{operatorName} cannot make a '{type}': it is abstract. Name the concrete type.");
        }

        var nullability = new NullabilityInfoContext();
        var members = MembersOf(type);
        var constructor = ConstructorOf(type, members);
        var parameters = constructor?.GetParameters() ?? [];
        var result = new List<RecordMember>();
        foreach (var parameter in parameters)
        {
            var member = members.First(m => string.Equals(m.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
            members.Remove(member);
            result.Add(new RecordMember(
                result.Count, NameOf(member), parameter.ParameterType,
                AllowsNull(parameter.ParameterType, nullability.Create(parameter), isTuple), parameter, member));
        }

        foreach (var member in members)
        {
            var memberType = TypeOf(member);
            var info = member is PropertyInfo property ? nullability.Create(property) : nullability.Create((FieldInfo)member);
            result.Add(new RecordMember(result.Count, NameOf(member), memberType, AllowsNull(memberType, info, isTuple), null, member));
        }

        return result.Count > 0
            ? new RecordShape(type, constructor, [.. result], isTuple)
            : throw new ArgumentException($"{operatorName} needs an element type with public properties or fields; '{type}' has none.");
    }

    /// <summary>An expression that makes an element; null from <paramref name="valueOf"/> leaves a member as it is by default.</summary>
    public Expression New(Func<RecordMember, Expression?> valueOf)
    {
        var arguments = Members.Where(m => m.Parameter is not null).Select(m => valueOf(m) ?? m.DefaultValue);
        var made = _constructor is null ? Expression.New(Type) : Expression.New(_constructor, arguments);
        var bindings = new List<MemberBinding>();
        foreach (var member in Members.Where(m => m.Parameter is null && m.IsRead))
        {
            if (valueOf(member) is { } value)
            {
                bindings.Add(Expression.Bind(member.Member!, value));
            }
        }

        return bindings.Count == 0 ? made : Expression.MemberInit(made, bindings);
    }

    /// <summary>An expression that asks an element for a value.</summary>
    public static Expression Get(Expression element, RecordMember member) => Expression.MakeMemberAccess(element, member.Member!);

    private static List<MemberInfo> MembersOf(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var types = new Stack<Type>();
        for (var at = type; at is not null && at != typeof(object) && at != typeof(ValueType); at = at.BaseType)
        {
            types.Push(at);
        }

        var members = new List<MemberInfo>();
        foreach (var at in types)
        {
            IEnumerable<MemberInfo> declared =
                [.. at.GetProperties(Declared).Where(static p => p.GetIndexParameters().Length == 0).OrderBy(static p => p.MetadataToken),
                    .. at.GetFields(Declared)];
            foreach (var member in declared)
            {
                if (member.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always })
                {
                    continue;
                }

                // An override takes the place of what it overrides.
                var overridden = members.FindIndex(m => m.Name == member.Name);
                if (overridden >= 0)
                {
                    members[overridden] = member;
                }
                else
                {
                    members.Add(member);
                }
            }
        }

        return members;
    }

    private static ConstructorInfo? ConstructorOf(Type type, List<MemberInfo> members)
    {
        var fitting = type.GetConstructors()
            .Where(c =>
                c.GetParameters().All(p =>
                    members.Exists(m => string.Equals(m.Name, p.Name, StringComparison.OrdinalIgnoreCase) && TypeOf(m) == p.ParameterType)))
            .OrderByDescending(static c => c.GetParameters().Length)
            .ToArray();
        return fitting is [var most, ..] ? most
            : type.IsValueType ? null
            : throw new ArgumentException(
                $"'{type}' has no public constructor without parameters, and none whose parameters are all named after its properties: "
                + $"there is no way to make one from named values.");
    }

    private static string NameOf(MemberInfo member) => member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? member.Name;

    private static Type TypeOf(MemberInfo member) =>
        member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static bool? AllowsNull(Type type, NullabilityInfo info, bool isTuple) =>
        type.IsValueType ? Nullable.GetUnderlyingType(type) is not null
        : isTuple ? null
        : (info.ReadState == NullabilityState.Unknown ? info.WriteState : info.ReadState) switch
        {
            NullabilityState.Nullable => true,
            NullabilityState.NotNull => false,
            _ => null,
        };
}
