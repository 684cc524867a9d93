using System.Reflection;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Hashing;

/// <summary>What calls inside an Equals method mean, and which code they come to.</summary>
internal static class EqualityCalls
{
    /// <summary>Whether it gives a comparer that compares as the values' own Equals does.</summary>
    public static bool IsDefaultComparer(MethodBase method) =>
        method is { IsStatic: true, DeclaringType: { } type }
        && ((method.Name == "get_Default" && type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EqualityComparer<>))
            || (method.Name == "get_Ordinal" && type == typeof(StringComparer)));

    /// <summary>
    /// The outcome of a call that compares two values by default, true for equal ones; null for any other call. Of the two values that
    /// the method is about it tells only whether they are one object.
    /// </summary>
    public static EqualityValue? Compared(MethodBase method, EqualityValue[] arguments)
    {
        var (left, right) = arguments switch
        {
            [{ Kind: EqualityKind.DefaultComparer }, var a, var b]
                when method.Name == nameof(Equals) && !EqualityValue.IsPair(a, b) => (a, b),
            [var a, var b, { Kind: EqualityKind.Number, Number: (int)StringComparison.Ordinal }]
                when method.Name == nameof(Equals) && method.DeclaringType == typeof(string) => (a, b),
            [var a, var b] when method.Name == nameof(ReferenceEquals) && method.DeclaringType == typeof(object) => (a, b),
            [var a, var b] when !EqualityValue.IsPair(a, b) && IsDefaultEquality(method) => (a, b),
            _ => default,
        };
        return left == default || right == default ? null : EqualityValue.Compare(left, right);
    }

    /// <summary>The field that a property without code of its own reads, unless a subclass may put another in its place.</summary>
    public static FieldInfo? BackingField(MethodBase method) =>
        (!method.IsVirtual || method.IsFinal || method.DeclaringType!.IsSealed) && IlCode.Of(method) is { } code
        && code.Instructions.Where(static il => il.Code != ILOpCode.Nop).ToArray() is
            [{ Code: ILOpCode.Ldarg_0 }, { Code: ILOpCode.Ldfld } load, .. var rest] && GivesIt(rest)
            ? code.Field(load) : null;

    /// <summary>What a virtual call comes to for a value of the type.</summary>
    public static MethodBase OverrideOf(Type type, MethodBase method) =>
        method is MethodInfo { IsVirtual: true } called
            ? Array.Find(
                type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic),
                own => own.GetBaseDefinition() == called.GetBaseDefinition()) ?? method
            : method;

    public static MethodInfo? EqualityBeside(MethodBase inequality) =>
        inequality.DeclaringType!.GetMethod("op_Equality", [.. inequality.GetParameters().Select(static p => p.ParameterType)]);

    /// <summary>
    /// Operators, Equals of a value, and static ones that stand for it: not a helper of the program's that is called Equals and compares in
    /// a way of its own.
    /// </summary>
    private static bool IsDefaultEquality(MethodBase method) =>
        method.Name is "op_Equality" or "op_Inequality"
        || (method.Name == nameof(Equals)
            && (!method.IsStatic || method.DeclaringType == typeof(object) || method.DeclaringType == typeof(Nullable)
                || method.GetParameters()[0].ParameterType == method.DeclaringType));

    /// <summary>Whether what is on the stack is given back; for debugging it goes through a variable.</summary>
    private static bool GivesIt(IlInstruction[] code) => code is
        [{ Code: ILOpCode.Ret }]
        or [{ Code: ILOpCode.Stloc_0 }, { Code: ILOpCode.Br or ILOpCode.Br_s }, { Code: ILOpCode.Ldloc_0 }, { Code: ILOpCode.Ret }];
}
