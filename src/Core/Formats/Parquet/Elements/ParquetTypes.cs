using System.Collections.Frozen;
using System.Reflection;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>Which types columns and groups of columns can be read as and saved from.</summary>
internal static class ParquetTypes
{
    public const string WhatWorks =
        "A member is a number, bool, char, string, byte[], DateTime, DateOnly, TimeOnly, DateTimeOffset, TimeSpan, Guid, an enum, or a "
        + "nullable form of them; a list or an array of what a member can be, a Dictionary, or a record, class, struct or tuple of such "
        + "members. Map to one of these, or leave the member out with [JsonIgnore].";

    private static readonly FrozenSet<Type> s_columns = new[]
    {
        typeof(bool), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(Half), typeof(float), typeof(double), typeof(decimal), typeof(char), typeof(string), typeof(byte[]), typeof(DateTime),
        typeof(DateOnly), typeof(TimeOnly), typeof(DateTimeOffset), typeof(TimeSpan), typeof(Guid),
    }.ToFrozenSet();

    private static readonly FrozenSet<Type> s_lists = new[]
    {
        typeof(List<>), typeof(IList<>), typeof(IReadOnlyList<>), typeof(ICollection<>), typeof(IReadOnlyCollection<>),
        typeof(IEnumerable<>),
    }.ToFrozenSet();

    private static readonly FrozenSet<Type> s_maps =
        new[] { typeof(Dictionary<,>), typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>) }.ToFrozenSet();

    /// <summary>Whether it is one column. Its nullable form is asked for without the null.</summary>
    public static bool IsColumn(Type type) => type.IsEnum || s_columns.Contains(type);

    /// <summary>What a list or an array is of; null for other types.</summary>
    public static Type? ItemOf(Type type) =>
        type.IsSZArray ? type.GetElementType()
        : type.IsGenericType && s_lists.Contains(type.GetGenericTypeDefinition()) ? type.GenericTypeArguments[0]
        : null;

    /// <summary>What a map is from and to; null for other types.</summary>
    public static (Type Key, Type Value)? PairOf(Type type) =>
        type.IsGenericType && s_maps.Contains(type.GetGenericTypeDefinition())
            ? (type.GenericTypeArguments[0], type.GenericTypeArguments[1])
            : null;

    /// <summary>Looks at all that an element type holds.</summary>
    /// <param name="what">What cannot be done: <c>ParquetFile cannot read</c>.</param>
    /// <param name="isRead">Whether the members are those that are read, or those that are written.</param>
    /// <exception cref="ArgumentException">Something in it can be no column; the message names the member.</exception>
    public static void Check(Type type, string operatorName, string what, bool isRead) =>
        CheckRecord(type, operatorName, what, isRead, new Stack<Type>(), "");

    private static void CheckRecord(Type type, string operatorName, string what, bool isRead, Stack<Type> within, string path)
    {
        within.Push(type);
        foreach (var member in RecordShape.Of(type, operatorName).Members.Where(m => isRead ? m.IsRead : m.IsWritten))
        {
            CheckType(member.Type, operatorName, what, isRead, within, path.Length == 0 ? member.Name : $"{path}.{member.Name}");
        }

        within.Pop();
    }

    private static void CheckType(Type type, string operatorName, string what, bool isRead, Stack<Type> within, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (IsColumn(type))
        {
            return;
        }

        if (PairOf(type) is { } pair)
        {
            CheckType(pair.Key, operatorName, what, isRead, within, path);
            CheckType(pair.Value, operatorName, what, isRead, within, path);
            return;
        }

        if (ItemOf(type) is { } item)
        {
            CheckType(item, operatorName, what, isRead, within, path);
            return;
        }

        // A type that holds itself has no end in a file's columns, which are all named at its end. What a file has of it is read.
        if (within.Contains(type))
        {
            if (isRead)
            {
                return;
            }

            throw new ArgumentException(
                $"{operatorName} cannot {what} the member '{path}' of '{within.Last()}': a '{type}' holds others of its kind, and columns "
                + $"would have no end. {WhatWorks}");
        }

        try
        {
            CheckRecord(IsRecord(type) ? type : throw new ArgumentException(type.Name), operatorName, what, isRead, within, path);
        }
        catch (ArgumentException e) when (!e.Message.Contains(WhatWorks, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"{operatorName} cannot {what} the member '{path}' of '{within.Last()}': no column can be a '{type}'. {WhatWorks}", e);
        }
    }

    // What the framework's types show is not what they are: of a BigInteger, its sign and that it is even.
    private static bool IsRecord(Type type) =>
        type.Assembly != typeof(object).Assembly && type.Assembly != typeof(System.Numerics.BigInteger).Assembly
        || type.IsAssignableTo(typeof(System.Runtime.CompilerServices.ITuple))
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));
}

/// <summary>What a declaration says of null: of a value, and of what is in it.</summary>
internal readonly record struct Nullness(Type Type, NullabilityInfo? Info)
{
    /// <summary>Whether null is a value. Where the declaration does not say, it is for all that can be null.</summary>
    public bool Allows => Nullable.GetUnderlyingType(Type) is not null || (!Type.IsValueType
        && (Info is null || (Info.ReadState == NullabilityState.Unknown ? Info.WriteState : Info.ReadState) != NullabilityState.NotNull));

    /// <summary>Of a list's items, a map's keys (0) or values (1).</summary>
    public Nullness Of(Type type, int argument) => new(
        type, Type.IsSZArray ? Info?.ElementType : Info?.GenericTypeArguments.ElementAtOrDefault(argument));

    /// <param name="isTuple">The items of a tuple have lost what their declaration said.</param>
    public static Nullness Of(RecordMember member, bool isTuple)
    {
        var context = new NullabilityInfoContext();
        var info = isTuple ? null : (member.Parameter, member.Member) switch
        {
            ({ } parameter, _) => context.Create(parameter),
            (_, PropertyInfo property) => context.Create(property),
            _ => context.Create((FieldInfo)member.Member!),
        };
        return new(member.Type, info);
    }
}
