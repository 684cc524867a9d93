using System.Reflection;

namespace MicroSpark.Hashing;

/// <summary>What is known of a value inside an Equals method.</summary>
internal enum EqualityKind
{
    Unknown,
    This,
    Other,
    FieldOfThis,
    FieldOfOther,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True only if the fields are equal.</summary>
    Equal,

    /// <summary>False only if the fields are equal.</summary>
    Unequal,

    /// <summary>True only if both are one object.</summary>
    Same,

    /// <summary>A comparer that compares as Equals does: EqualityComparer.Default, StringComparer.Ordinal.</summary>
    DefaultComparer,
}

/// <summary>A value of <see cref="EqualsReader"/>, known by where it comes from; the default may be anything.</summary>
internal readonly record struct EqualityValue(EqualityKind Kind, FieldInfo[] Fields, int Number = 0)
{
    public static readonly EqualityValue This = new(EqualityKind.This, []);
    public static readonly EqualityValue Other = new(EqualityKind.Other, []);
    public static readonly EqualityValue DefaultComparer = new(EqualityKind.DefaultComparer, []);
    private static readonly EqualityValue s_same = new(EqualityKind.Same, []);

    public static EqualityValue Of(int number) => new(EqualityKind.Number, [], number);

    /// <summary>What a cast that may give null makes of it: the objects stay what they are, a field becomes another value.</summary>
    public EqualityValue AsAnother => Kind is EqualityKind.This or EqualityKind.Other ? this : default;

    public EqualityValue FieldOf(FieldInfo field) => Kind switch
    {
        EqualityKind.This => new(EqualityKind.FieldOfThis, [Declared(field)]),
        EqualityKind.Other => new(EqualityKind.FieldOfOther, [Declared(field)]),
        _ => default,
    };

    public EqualityValue Not() => Kind switch
    {
        EqualityKind.Equal => this with { Kind = EqualityKind.Unequal },
        EqualityKind.Unequal => this with { Kind = EqualityKind.Equal },
        _ => default,
    };

    public static EqualityValue And(EqualityValue left, EqualityValue right) => (left.Kind, right.Kind) switch
    {
        (EqualityKind.Equal, EqualityKind.Equal) => left with { Fields = [.. left.Fields, .. right.Fields] },
        (EqualityKind.Equal, _) => left,
        (_, EqualityKind.Equal) => right,
        _ => default,
    };

    /// <summary>Whether they are the two values that the method compares.</summary>
    public static bool IsPair(EqualityValue left, EqualityValue right) =>
        (left.Kind, right.Kind) is (EqualityKind.This, EqualityKind.Other) or (EqualityKind.Other, EqualityKind.This);

    public static EqualityValue Compare(EqualityValue left, EqualityValue right)
    {
        if (IsPair(left, right))
        {
            return s_same;
        }

        if ((left.Kind, right.Kind) is (EqualityKind.FieldOfThis, EqualityKind.FieldOfOther)
                or (EqualityKind.FieldOfOther, EqualityKind.FieldOfThis)
            && left.Fields[0] == right.Fields[0])
        {
            return new(EqualityKind.Equal, left.Fields);
        }

        var (value, number) = left.Kind == EqualityKind.Number ? (right, left) : (left, right);
        return number.Kind != EqualityKind.Number || value.Kind is not (EqualityKind.Equal or EqualityKind.Unequal) ? default
            : number.Number == 0 ? value.Not() : number.Number == 1 ? value : default;
    }

    /// <summary>A field as its own type reflects it: one that came through a subclass compares as another.</summary>
    private static FieldInfo Declared(FieldInfo field) => FieldInfo.GetFieldFromHandle(field.FieldHandle, field.DeclaringType!.TypeHandle);
}
