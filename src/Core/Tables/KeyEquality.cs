using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using MicroSpark.Hashing;

namespace MicroSpark.Tables;

/// <summary>
/// Default equality of keys, decided when the caller is compiled: in place for value types, ordinal for strings. Structs without an
/// Equals of their own (KeyValuePair is one) would be boxed and reflected over; a generated method compares their fields.
/// </summary>
internal static class KeyEquality<K>
{
    private static readonly FieldEquals? s_fieldWise = IsPlainStruct(typeof(K)) ? Generate() : null;

    private delegate bool FieldEquals(ref K left, ref K right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Same(K left, K right)
    {
        if (typeof(K).IsPrimitive)
        {
            return EqualityComparer<K>.Default.Equals(left, right);
        }

        if (typeof(K).IsValueType)
        {
            return s_fieldWise is null ? EqualityComparer<K>.Default.Equals(left, right) : s_fieldWise(ref left, ref right);
        }

        // Mostly the table's key is the very object: then its content need not be fetched.
        return ReferenceEquals(left, right) || (left is string text
            ? right is string other && string.Equals(text, other)
            : EqualityComparer<K>.Default.Equals(left, right));
    }

    private static bool IsPlainStruct(Type type) =>
        type.IsValueType && KeyShape.Of(type) == KeyKind.FieldWise && !typeof(IEquatable<K>).IsAssignableFrom(type)
        && !KeyShape.FieldsOf(type).Any(static f => f.FieldType.IsPointer || f.FieldType.IsFunctionPointer);

    private static FieldEquals Generate()
    {
        var byRef = typeof(K).MakeByRefType();
        var method = new DynamicMethod("Same", typeof(bool), [byRef, byRef], typeof(KeyEquality<K>).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var differ = il.DefineLabel();
        foreach (var field in KeyShape.FieldsOf(typeof(K)))
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldfld, field);
            il.Emit(OpCodes.Call, typeof(KeyEquality<>).MakeGenericType(field.FieldType).GetMethod(nameof(Same))!);
            il.Emit(OpCodes.Brfalse, differ);
        }

        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Ret);
        il.MarkLabel(differ);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldEquals>();
    }
}
