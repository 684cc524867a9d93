using System.Reflection;

namespace MicroSpark.Closures;

/// <summary>Names a field whatever class it was reflected from.</summary>
internal readonly record struct FieldPlace(Type? Owner, int Token)
{
    public static FieldPlace Of(FieldInfo field) => new(field.DeclaringType, field.MetadataToken);
}
