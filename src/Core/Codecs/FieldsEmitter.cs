using System.Reflection;
using System.Reflection.Emit;
using MicroSpark.Code;

namespace MicroSpark.Codecs;

/// <summary>Writes all fields of a value, in order.</summary>
internal delegate void FieldsWriter<T>(ref ValueWriter writer, ref T value);

/// <summary>Sets all fields of a value, in order.</summary>
internal delegate void FieldsReader<T>(ref ValueReader reader, ref T value);

/// <summary>
/// Makes the code that writes and reads the fields of one type. For <c>record Line(string Text, int Number)</c> it is
/// <code>
/// writer.WriteString(value.Text);         value.Text = reader.ReadString();
/// writer.WriteRaw(ref value.Number);      reader.ReadRaw(out value.Number);
/// </code>
/// and for other field types the same with <see cref="CodecOf{T}"/>. The methods belong to the user's module, so they may see its
/// private fields and unload with it; codecs are readonly statics, so the compiler calls them directly.
/// </summary>
internal static class FieldsEmitter
{
    private static readonly MethodInfo s_writeString = typeof(Strings).GetMethod(nameof(Strings.WriteString))!;
    private static readonly MethodInfo s_writeRaw = typeof(ValueWriter).GetMethod(nameof(ValueWriter.WriteRaw))!;
    private static readonly MethodInfo s_readString = typeof(Strings).GetMethod(nameof(Strings.ReadString))!;
    private static readonly MethodInfo s_readRaw = typeof(ValueReader).GetMethod(nameof(ValueReader.ReadRaw))!;
    private static readonly MethodInfo s_readPart = typeof(RawParts).GetMethod(nameof(RawParts.Read))!;

    public static FieldsWriter<T> Writer<T>()
    {
        var method = New("Write", typeof(T), typeof(ValueWriter));
        var il = method.GetILGenerator();
        foreach (var field in TypeFields.Of(typeof(T)))
        {
            var type = field.FieldType;
            if (type == typeof(string))
            {
                il.Emit(OpCodes.Ldarg_0);
                LoadOwner<T>(il);
                il.Emit(OpCodes.Ldfld, field);
                il.Emit(OpCodes.Call, s_writeString);
            }
            else if (IsPlainRaw(type))
            {
                il.Emit(OpCodes.Ldarg_0);
                LoadOwner<T>(il);
                il.Emit(OpCodes.Ldflda, field);
                il.Emit(OpCodes.Call, s_writeRaw.MakeGenericMethod(type));
            }
            else if (IsAddress(type))
            {
                throw new NotEncodableException(
                    "", $"its field {TypeNames.Of(typeof(T))}.{TypeNames.Of(field)} has no encoding: {Refusals.Of(type)}");
            }
            else
            {
                var codec = typeof(Codec<>).MakeGenericType(type);
                il.Emit(OpCodes.Ldsfld, typeof(CodecOf<>).MakeGenericType(type).GetField(nameof(CodecOf<>.Instance))!);
                il.Emit(OpCodes.Ldarg_0);
                LoadOwner<T>(il);
                il.Emit(OpCodes.Ldflda, field);
                il.Emit(OpCodes.Callvirt, codec.GetMethod(nameof(Codec<>.Write))!);
            }
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldsWriter<T>>();
    }

    public static FieldsReader<T> Reader<T>()
    {
        var method = New("Read", typeof(T), typeof(ValueReader));
        var il = method.GetILGenerator();
        foreach (var field in TypeFields.Of(typeof(T)))
        {
            var type = field.FieldType;
            if (type == typeof(string))
            {
                LoadOwner<T>(il);
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Call, s_readString);
                il.Emit(OpCodes.Stfld, field);
            }
            else if (IsPlainRaw(type) && (RawParts.IsPart(type) || RawParts.Of(type) is null))
            {
                il.Emit(OpCodes.Ldarg_0);
                LoadOwner<T>(il);
                il.Emit(OpCodes.Ldflda, field);
                il.Emit(OpCodes.Call, (RawParts.IsPart(type) ? s_readPart : s_readRaw).MakeGenericMethod(type));
            }
            else if (IsAddress(type))
            {
                throw ValueReader.Corrupt($"a {typeof(T)} follows, whose field {field.Name} has no encoding");
            }
            else
            {
                var codec = typeof(Codec<>).MakeGenericType(type);
                il.Emit(OpCodes.Ldsfld, typeof(CodecOf<>).MakeGenericType(type).GetField(nameof(CodecOf<>.Instance))!);
                il.Emit(OpCodes.Ldarg_0);
                LoadOwner<T>(il);
                il.Emit(OpCodes.Ldflda, field);
                il.Emit(OpCodes.Callvirt, codec.GetMethod(nameof(Codec<>.Read))!);
            }
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldsReader<T>>();
    }

    /// <summary>Whether values can hold other objects than strings, so that a graph of them may be deep.</summary>
    public static bool IsDeep(Type type) =>
        TypeFields.Of(type).Any(static field => field.FieldType != typeof(string) && !RawLayout.IsRaw(field.FieldType));

    // No generic type can be made of them, so that they have no codec that could refuse them.
    private static bool IsAddress(Type type) => type.IsPointer || type.IsFunctionPointer;

    private static bool IsPlainRaw(Type type) =>
        RawLayout.IsRaw(type) && RawLayout.PaddingOf(type, RawLayout.SizeOf(type)) is null;

    private static void LoadOwner<T>(ILGenerator il)
    {
        il.Emit(OpCodes.Ldarg_1);
        if (!typeof(T).IsValueType)
        {
            il.Emit(OpCodes.Ldind_Ref);
        }
    }

    private static DynamicMethod New(string name, Type type, Type stream) =>
        new(
            $"{name} {TypeNames.Of(type)}", typeof(void), [stream.MakeByRefType(), type.MakeByRefType()], CodeOwner.Of(type),
            skipVisibility: true);
}
