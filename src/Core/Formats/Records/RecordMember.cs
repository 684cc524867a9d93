using System.Linq.Expressions;
using System.Reflection;

namespace MicroSpark.Formats.Records;

/// <summary>One named value of an element: a column.</summary>
/// <param name="Ordinal">Its place among the element's values.</param>
/// <param name="Name">The member's name, or what <c>[JsonPropertyName]</c> says, which renames it for all formats.</param>
/// <param name="AllowsNull">
/// Whether it is declared so that null is a value of it (<c>int?</c>, <c>string?</c>) or not (<c>int</c>, <c>string</c>); null when the
/// declaration does not say, as in code without nullable annotations.
/// </param>
/// <param name="Parameter">The constructor's parameter that takes it; null when the member is set.</param>
/// <param name="Member">The property or field; null for a parameter that no member is named after.</param>
internal sealed record RecordMember(
    int Ordinal, string Name, Type Type, bool? AllowsNull, ParameterInfo? Parameter, MemberInfo? Member)
{
    /// <summary>Whether making an element gives it a value.</summary>
    public bool IsRead => Parameter is not null || Member is FieldInfo { IsInitOnly: false } or PropertyInfo { SetMethod.IsPublic: true };

    /// <summary>Whether an element can be asked for it.</summary>
    public bool IsWritten => Member is FieldInfo or PropertyInfo { GetMethod.IsPublic: true };

    /// <summary>Whether an element can be made without it.</summary>
    public bool IsOptional => Parameter is { HasDefaultValue: true };

    /// <summary>What it is when nothing gives it a value.</summary>
    public Expression DefaultValue => Parameter is { HasDefaultValue: true, DefaultValue: { } value }
        ? Expression.Convert(Expression.Constant(value), Type)
        : Expression.Default(Type);

    /// <summary>The type without its <see cref="Nullable{T}"/>.</summary>
    public Type ValueType => Nullable.GetUnderlyingType(Type) ?? Type;
}
