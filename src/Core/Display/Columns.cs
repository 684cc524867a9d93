using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Display;

/// <summary>
/// How values of a type are laid out in a table: a tuple's fields, the public fields and properties of any other type, or the value itself.
/// </summary>
internal sealed class Columns
{
    private readonly MemberInfo[] _members;

    private Columns(MemberInfo[] members) => _members = members;

    /// <summary>Whether there is one column, for the value itself.</summary>
    public bool IsValue => _members.Length == 0;

    public IReadOnlyList<string> Names => _members.Length == 0 ? ["value"] : Array.ConvertAll(_members, member => member.Name);

    public static Columns Of(Type type)
    {
        if (ValueText.IsPlain(type) || typeof(System.Collections.IEnumerable).IsAssignableFrom(type)
            || Nullable.GetUnderlyingType(type) is not null)
        {
            return new Columns([]);
        }

        const BindingFlags Visible = BindingFlags.Public | BindingFlags.Instance;
        return new Columns(typeof(ITuple).IsAssignableFrom(type) && type.IsValueType
            ? type.GetFields(Visible)
            : [.. type.GetFields(Visible), .. type.GetProperties(Visible).Where(
                static p => p.CanRead && p.GetIndexParameters().Length == 0)]);
    }

    public object?[] Of(object? value) =>
        _members.Length == 0 ? [value]
        : value is null ? [.. _members.Select(static _ => (object?)null)]
        : Array.ConvertAll(_members, member => member is FieldInfo field ? field.GetValue(value) : Read((PropertyInfo)member, value));

    /// <summary>A property that throws is shown as what it threw: a table of a hundred rows should not fail for one.</summary>
    private static object? Read(PropertyInfo property, object value)
    {
        try
        {
            return property.GetValue(value);
        }
        catch (TargetInvocationException error)
        {
            return $"<{error.InnerException?.GetType().Name}>";
        }
    }
}
