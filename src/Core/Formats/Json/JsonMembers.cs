using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace MicroSpark.Formats.Json;

/// <summary>A member that rows have.</summary>
/// <param name="Index">Of its value among those that a row is made from.</param>
/// <param name="Least">Of a whole number; see <paramref name="Most"/>.</param>
internal sealed record JsonMember(int Index, string Name, JsonMemberKind Kind, long Least, long Most)
{
    /// <summary>Of what is not null.</summary>
    public required Type Type { get; init; }

    public required bool IsSingle { get; init; }

    /// <summary>Whether a row may have the word null for it.</summary>
    public required bool AllowsNull { get; init; }

    /// <summary>Whether a row may lack it: it is a parameter then, which gets its default.</summary>
    public required bool MayLack { get; init; }

    /// <summary>Of the parameter that it is; null for that of its type.</summary>
    public required object? Default { get; init; }

    /// <summary>For a member that is read by the library.</summary>
    public required JsonTypeInfo? Info { get; init; }
}

/// <summary>
/// How elements are made from the values of their members, for types that are no more than these: a constructor, properties, fields. One
/// compiled method per element type, which belongs to the type, and goes with it when the type's assembly is unloaded.
/// </summary>
internal sealed record JsonMembers<T>(JsonMember[] All, Func<JsonRowValue[], T> Make)
{
    private static readonly Lazy<JsonMembers<T>?> s_members = new(static () => Of(JsonBinding<T>.Info));

    /// <summary>Null for a type that the library alone can read: with a converter, a callback, subtypes.</summary>
    public static JsonMembers<T>? OrNull => s_members.Value;

    private static JsonMembers<T>? Of(JsonTypeInfo<T> info)
    {
        if (info.Kind != JsonTypeInfoKind.Object || info.PolymorphismOptions is not null || info.NumberHandling is not null
            || info.OnDeserializing is not null || info.OnDeserialized is not null || info.UnmappedMemberHandling is not null
            || info.PreferredPropertyObjectCreationHandling is not null
            || info.Properties.Select(static p => p.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count() != info.Properties.Count)
        {
            return null;
        }

        var members = new List<(JsonMember Member, JsonPropertyInfo Property)>();
        foreach (var property in info.Properties)
        {
            if (property.CustomConverter is not null || property.NumberHandling is not null || property.IsExtensionData
                || property.ObjectCreationHandling is not null)
            {
                return null;
            }

            if (property.Set is not null || property.AssociatedParameter is not null)
            {
                members.Add((MemberOf(members.Count, property, info.Options), property));
            }
        }

        return MakeOf(info, members) is { } make ? new JsonMembers<T>([.. members.Select(static m => m.Member)], make) : null;
    }

    private static JsonMember MemberOf(int index, JsonPropertyInfo property, JsonSerializerOptions options)
    {
        var parameter = property.AssociatedParameter;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var (kind, least, most) = KindOf(type);
        return new JsonMember(index, property.Name, kind, least, most)
        {
            Type = type,
            IsSingle = type == typeof(float),
            AllowsNull = type != property.PropertyType || (!type.IsValueType && (parameter?.IsNullable ?? property.IsSetNullable)),
            MayLack = parameter is not null && !property.IsRequired,
            Default = parameter is { HasDefaultValue: true } ? parameter.DefaultValue : null,
            Info = kind == JsonMemberKind.Other ? options.GetTypeInfo(property.PropertyType) : null,
        };
    }

    private static (JsonMemberKind Kind, long Least, long Most) KindOf(Type type) => 0 switch
    {
        _ when type.IsEnum => (JsonMemberKind.Other, 0, 0),
        _ when type == typeof(string) => (JsonMemberKind.Text, 0, 0),
        _ when type == typeof(bool) => (JsonMemberKind.Boolean, 0, 0),
        _ when type == typeof(double) || type == typeof(float) => (JsonMemberKind.Floating, 0, 0),
        _ when type == typeof(sbyte) => (JsonMemberKind.Whole, sbyte.MinValue, sbyte.MaxValue),
        _ when type == typeof(byte) => (JsonMemberKind.Whole, byte.MinValue, byte.MaxValue),
        _ when type == typeof(short) => (JsonMemberKind.Whole, short.MinValue, short.MaxValue),
        _ when type == typeof(ushort) => (JsonMemberKind.Whole, ushort.MinValue, ushort.MaxValue),
        _ when type == typeof(int) => (JsonMemberKind.Whole, int.MinValue, int.MaxValue),
        _ when type == typeof(uint) => (JsonMemberKind.Whole, uint.MinValue, uint.MaxValue),
        _ when type == typeof(long) => (JsonMemberKind.Whole, long.MinValue, long.MaxValue),
        _ when type == typeof(ulong) => (JsonMemberKind.Whole, 0, long.MaxValue),
        _ => (JsonMemberKind.Other, 0, 0),
    };

    /// <summary>Null when the values are not all that makes an element.</summary>
    private static Func<JsonRowValue[], T>? MakeOf(
        JsonTypeInfo<T> info, IReadOnlyList<(JsonMember Member, JsonPropertyInfo Property)> members)
    {
        var values = Expression.Parameter(typeof(JsonRowValue[]), "values");
        var arguments = members.Where(static m => m.Property.AssociatedParameter is not null)
            .OrderBy(static m => m.Property.AssociatedParameter!.Position).ToArray();
        NewExpression made;
        if (info.ConstructorAttributeProvider is ConstructorInfo constructor)
        {
            if (constructor.GetParameters().Length != arguments.Length)
            {
                return null;
            }

            made = Expression.New(
                constructor, arguments.Select(argument => ValueOf(values, argument.Member, argument.Property.PropertyType)));
        }
        else if (typeof(T).IsValueType && arguments.Length == 0)
        {
            made = Expression.New(typeof(T));
        }
        else
        {
            return null;
        }

        var bindings = new List<MemberBinding>();
        foreach (var (member, property) in members.Where(static m => m.Property.AssociatedParameter is null))
        {
            if (property.AttributeProvider is not MemberInfo { MemberType: MemberTypes.Property or MemberTypes.Field } place)
            {
                return null;
            }

            bindings.Add(Expression.Bind(place, ValueOf(values, member, property.PropertyType)));
        }

        return Expression.Lambda<Func<JsonRowValue[], T>>(
            bindings.Count == 0 ? made : Expression.MemberInit(made, bindings), values).Compile();
    }

    private static Expression ValueOf(Expression values, JsonMember member, Type type)
    {
        var place = Expression.ArrayAccess(values, Expression.Constant(member.Index));
        var bits = Expression.Field(place, nameof(JsonRowValue.Bits));
        var reference = Expression.Field(place, nameof(JsonRowValue.Object));
        switch (member.Kind)
        {
            case JsonMemberKind.Text:
                return Expression.Convert(reference, typeof(string));
            case JsonMemberKind.Other:
                var cell = typeof(JsonCell<>).MakeGenericType(type);
                return Expression.Field(Expression.Convert(reference, cell), nameof(JsonCell<>.Value));
        }

        var number = member.Kind switch
        {
            JsonMemberKind.Boolean => Expression.NotEqual(bits, Expression.Constant(0L)),
            JsonMemberKind.Floating => Expression.Convert(
                Expression.Call(typeof(BitConverter), nameof(BitConverter.Int64BitsToDouble), null, bits), member.Type),
            _ => (Expression)Expression.Convert(bits, member.Type),
        };
        return member.Type == type
            ? number
            : Expression.Condition(
                Expression.Field(place, nameof(JsonRowValue.IsNull)), Expression.Default(type), Expression.Convert(number, type));
    }
}
