using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Code;

namespace MicroSpark.Codecs;

/// <summary>Which types are their memory, how large they are, and which of their bytes no field uses.</summary>
internal static class RawLayout
{
    private static readonly MethodInfo s_sizeOf = typeof(RawLayout).GetMethod(
        nameof(SizeOfCore), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo s_hasReferences = typeof(RawLayout).GetMethod(
        nameof(HasReferencesCore), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Whether the value is nothing but its memory: no references, no pointers, no handles of the framework's inside.</summary>
    public static bool IsRaw(Type type) =>
        type.IsValueType && !type.IsByRefLike && !HasReferences(type) && HoldsOnlyData(type);

    public static int SizeOf(Type type) => (int)s_sizeOf.MakeGenericMethod(type).Invoke(null, null)!;

    /// <summary>Where a field lies in the memory of its struct.</summary>
    public static int OffsetOf(FieldInfo field)
    {
        var owner = field.DeclaringType!;
        DynamicMethod method = new(
            "Offset", typeof(int), [typeof(byte).MakeByRefType()], CodeOwner.Of(owner), skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Conv_I4);
        il.Emit(OpCodes.Ret);
        byte start = 0;
        return method.CreateDelegate<Distance>()(ref start);
    }

    /// <summary>The fewest bytes that a value takes as a field of this declared type.</summary>
    public static int MinBytes(Type type) =>
        !type.IsValueType || type.IsByRefLike || type.IsPointer ? 1
        : IsRaw(type) ? SizeOf(type)
        : KnownTypes.HasOwnCodec(type) || EncodedByAttribute.CodecFor(type) is not null || Formatters.Of(type) is not null ? 1
        : Math.Max(1, TypeFields.Of(type).Sum(static field => MinBytes(field.FieldType)));

    /// <summary>The bytes of the type that no field uses; null when there are none.</summary>
    public static int[]? PaddingOf(Type type, int size)
    {
        if (type.IsPrimitive || type.IsEnum)
        {
            return null;
        }

        // A nullable cannot be boxed as itself, only inside something else.
        var boxable = Nullable.GetUnderlyingType(type) is null ? type : typeof(Holder<>).MakeGenericType(type);
        var filled = BytesOf(Filled(boxable), size).ToArray();
        int[] holes = [.. Enumerable.Range(0, size).Where(at => filled[at] == 0)];
        return holes.Length > 0 ? holes : null;
    }

    /// <summary>A boxed value whose fields have all their bits set. What is then zero is between the fields.</summary>
    private static object Filled(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            // A box of a nullable is a box of its value; as a field it is set as a nullable again.
            return Filled(underlying);
        }

        var box = RuntimeHelpers.GetUninitializedObject(type);
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        if (type.IsPrimitive || type.IsEnum || fields.Length == 0 || type.IsExplicitLayout || IsInlineArray(type, fields))
        {
            BytesOf(box, SizeOf(type)).Fill(0xFF);
            return box;
        }

        foreach (var field in fields)
        {
            field.SetValue(box, Filled(field.FieldType));
        }

        return box;
    }

    private static bool HoldsOnlyData(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || KnownTypes.IsRaw(type))
        {
            return true;
        }

        var framework = Origins.IsFramework(type.Assembly);
        return !(framework && !KnownTypes.IsByFields(type)) && !type.IsPointer && !type.IsFunctionPointer
            && TypeFields.AllOf(type).All(static field => HoldsOnlyData(field.FieldType) && !TypeFields.IsTransient(field));
    }

    private static bool IsInlineArray(Type type, FieldInfo[] fields) =>
        type.IsDefined(typeof(InlineArrayAttribute), inherit: false)
        || (fields.Length == 1 && SizeOf(type) > SizeOf(fields[0].FieldType)); // a fixed buffer

    private static Span<byte> BytesOf(object box, int size) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<Box>(box).First, size);

    private static bool HasReferences(Type type) => (bool)s_hasReferences.MakeGenericMethod(type).Invoke(null, null)!;

    private static int SizeOfCore<T>() => Unsafe.SizeOf<T>();

    private static bool HasReferencesCore<T>() => RuntimeHelpers.IsReferenceOrContainsReferences<T>();

    private delegate int Distance(ref byte start);

    private readonly record struct Holder<T>(T Value);

    /// <summary>Any box, seen through its first byte.</summary>
    private sealed class Box
    {
        public byte First;
    }
}
