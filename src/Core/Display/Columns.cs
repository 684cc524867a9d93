using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Display;

/// <summary>
/// How values of a type are laid out in a table: a tuple's fields, the public fields and properties of any other type, or the value itself.
/// </summary>
internal sealed class Columns
{
    private readonly MemberInfo[] _members;
    private readonly IReadOnlyList<string?> _names;

    private Columns(MemberInfo[] members, IReadOnlyList<string?>? names = null) => (_members, _names) = (members, names ?? []);

    /// <summary>Whether there is one column, for the value itself.</summary>
    public bool IsValue => _members.Length == 0;

    public IReadOnlyList<string> Names => _members.Length == 0 ? ["value"]
        : [.. _members.Select((member, at) => (at < _names.Count ? _names[at] : null) ?? member.Name)];

    /// <param name="type">Of the values.</param>
    /// <param name="tupleNames">What a tuple's members are called, as far as that is known.</param>
    public static Columns Of(Type type, IReadOnlyList<string?>? tupleNames = null)
    {
        if (ValueText.IsPlain(type) || typeof(System.Collections.IEnumerable).IsAssignableFrom(type)
            || Nullable.GetUnderlyingType(type) is not null)
        {
            return new Columns([]);
        }

        const BindingFlags Visible = BindingFlags.Public | BindingFlags.Instance;
        return typeof(ITuple).IsAssignableFrom(type) && type.IsValueType
            ? new Columns(type.GetFields(Visible), tupleNames)
            : new Columns([.. type.GetFields(Visible), .. type.GetProperties(Visible).Where(
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
