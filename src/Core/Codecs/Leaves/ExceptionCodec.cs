using System.Collections.ObjectModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Codecs.Leaves;

/// <summary>
/// Exceptions, so that a failed task's error can be rebuilt where its type is known: message, inner exception, stack as text, and what
/// the class adds. A field that cannot travel (a response, a token) stays behind: an error must not be lost for it.
/// </summary>
internal sealed class ExceptionCodec<T> : ClassCodec<T>
    where T : Exception
{
    private const byte LeftBehind = 0;
    private const byte Within = 1;
    private const byte Apart = 2;

    private static readonly FieldInfo[] s_fields =
        [.. TypeFields.Of(typeof(T)).Where(static field => field.DeclaringType!.IsSubclassOf(typeof(Exception)))];

    protected override void WriteContent(ref ValueWriter writer, T value)
    {
        writer.WriteString(Exceptions.Message(value));
        writer.WriteString(value.StackTrace);
        writer.WriteString(value.Source);
        writer.WriteString(value.HelpLink);
        writer.WriteVarint((uint)value.HResult);
        writer.WriteValue(value.InnerException);
        foreach (var field in s_fields)
        {
            WriteField(ref writer, field, field.GetValue(value));
        }
    }

    protected override T ReadContent(ref ValueReader reader, int number)
    {
        var value = (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        reader.Register(number, value);
        Exceptions.Message(value) = reader.ReadString();
        var stack = reader.ReadString();
        var source = reader.ReadString();
        value.HelpLink = reader.ReadString();
        value.HResult = (int)reader.ReadVarint();
        Exceptions.Inner(value) = reader.ReadValue<Exception?>();
        foreach (var field in s_fields)
        {
            ReadField(ref reader, field, value);
        }

        value.Source = source;
        if (stack is not null)
        {
            ExceptionDispatchInfo.SetRemoteStackTrace(value, stack);
        }

        return value;
    }

    private static void WriteField(ref ValueWriter writer, FieldInfo field, object? value)
    {
        if (IsOfExceptions(field.FieldType))
        {
            writer.WriteByte(Within);
            CodecOf.DeclaredAs(field.FieldType).WriteBoxed(ref writer, value);
            return;
        }

        byte[] bytes;
        try
        {
            // Written apart, so that what is refused half-way leaves no trace.
            bytes = Exceptions.Encode(field.FieldType, value, writer.Space, writer.State.Types);
        }
        catch (Exception error) when (error is NotEncodableException or AssemblyNotShippableException)
        {
            writer.WriteByte(LeftBehind);
            return;
        }

        writer.WriteByte(Apart);
        writer.WriteVarint((uint)bytes.Length);
        writer.WriteBytes(bytes);
    }

    private static void ReadField(ref ValueReader reader, FieldInfo field, T owner)
    {
        switch (reader.ReadByte())
        {
            case LeftBehind:
                break;
            case Within:
                field.SetValue(owner, CodecOf.DeclaredAs(field.FieldType).ReadBoxed(ref reader));
                break;
            case Apart:
                field.SetValue(owner, Exceptions.Decode(field.FieldType, reader.ReadBytes(reader.ReadCount()), reader.Space));
                break;
            case byte kind:
                throw ValueReader.Corrupt($"{kind} is no kind of field");
        }
    }

    // Exceptions never refuse, and inner ones are shared with the base's own field.
    private static bool IsOfExceptions(Type type) =>
        typeof(Exception).IsAssignableFrom(type) || type == typeof(Exception[]) || type == typeof(ReadOnlyCollection<Exception>);
}

/// <summary>What exceptions of all types need.</summary>
internal static class Exceptions
{
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    public static extern ref string? Message(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    public static extern ref Exception? Inner(Exception exception);

    public static byte[] Encode(Type declared, object? value, CodeSpace space, WriteTypeTable names)
    {
        System.Buffers.ArrayBufferWriter<byte> output = new();
        ValueWriter writer = new(output, space);
        try
        {
            CodecOf.DeclaredAs(declared).WriteBoxed(ref writer, value);
            writer.Flush();
            foreach (var id in writer.Assemblies)
            {
                names.Need(id);
            }

            return output.WrittenSpan.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    public static object? Decode(Type declared, ReadOnlySpan<byte> bytes, CodeSpace space)
    {
        ValueReader reader = new(bytes, space);
        try
        {
            var value = CodecOf.DeclaredAs(declared).ReadBoxed(ref reader);
            reader.Complete();
            return value;
        }
        finally
        {
            reader.Dispose();
        }
    }
}
