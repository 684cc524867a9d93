using System.Reflection;

namespace MicroSpark.Codecs;

/// <summary>The fields that make up a value: all instance fields, private and inherited ones too, bases first.</summary>
internal static class TypeFields
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The fields that travel. Those marked <c>[NonSerialized]</c> do not; they are default on the other side.</summary>
    public static FieldInfo[] Of(Type type) => [.. AllOf(type).Where(static field => !IsTransient(field))];

    /// <summary>All instance fields in a fixed order: reflection's own order is not promised.</summary>
    public static IEnumerable<FieldInfo> AllOf(Type type)
    {
        Stack<Type> chain = new();
        for (var part = type; part is not null; part = part.BaseType)
        {
            chain.Push(part);
        }

        return chain.SelectMany(static part => part.GetFields(Declared).OrderBy(static field => field.MetadataToken));
    }

    // The attribute is a bit of the field; FieldInfo.IsNotSerialized is obsolete together with the formatters that it was made for.
    public static bool IsTransient(FieldInfo field) => ((int)field.Attributes & 0x80) != 0;
}

/// <summary>Names a field whatever type it was reflected from.</summary>
internal readonly record struct FieldKey(Type? Owner, int Token)
{
    public static FieldKey Of(FieldInfo field) => new(field.DeclaringType, field.MetadataToken);
}
