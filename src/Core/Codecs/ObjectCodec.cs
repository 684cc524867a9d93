using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>
/// Objects of which only chosen fields travel: a lambda's target, of which the lambda reads some. The object takes part in the references
/// of the encoding. When it is written again with other fields, a reference and the fields still missing are written. A value needs the
/// whole object: when the object is met inside one, all fields still missing are written.
/// </summary>
internal static class ObjectCodec
{
    /// <summary>
    /// Writes the chosen fields of an object, each as its declared type. A refused value's path starts at the field's name.
    /// </summary>
    public static void WriteFields(ref ValueWriter writer, object target, IReadOnlyList<FieldInfo> fields)
    {
        var state = writer.State;
        HashSet<FieldKey>? written = null;
        if (state.Objects.TryAdd(target, out var number))
        {
            writer.WriteByte(Header.New);
            state.Partial ??= [];
            state.Partial.Add(number, written = []);
        }
        else
        {
            writer.WriteByte(Header.Seen);
            writer.WriteVarint((uint)number);
            state.Partial?.TryGetValue(number, out written);
        }

        if (written is not null)
        {
            WriteMissing(ref writer, target, fields, written);
        }
    }

    /// <summary>Reads what <see cref="WriteFields"/> wrote with the same fields, into an object that no constructor has seen.</summary>
    public static object ReadFields(ref ValueReader reader, Type type, IReadOnlyList<FieldInfo> fields)
    {
        var state = reader.State;
        HashSet<FieldKey>? known = null;
        object target;
        switch (reader.ReadByte())
        {
            case Header.New:
                var number = reader.ReserveObject();
                target = RuntimeHelpers.GetUninitializedObject(type);
                reader.Register(number, target);
                state.Partial ??= [];
                state.Partial.Add(number, known = []);
                break;
            case Header.Seen:
                var seen = reader.ReadVarint();
                target = reader.Resolve(seen);
                if (target.GetType() != type)
                {
                    throw ValueReader.Corrupt($"object {seen} is a {target.GetType()} where {type} is expected");
                }

                state.Partial?.TryGetValue((int)seen, out known);
                break;
            case byte other:
                throw ValueReader.Corrupt($"{other} is no header of an object");
        }

        if (known is not null)
        {
            ReadMissing(ref reader, target, fields, known);
        }

        return target;
    }

    /// <summary>
    /// Writes a back reference when the object was written before; otherwise gives it the next number and returns false.
    /// </summary>
    public static bool TryWriteBackReference(this ref ValueWriter writer, object value)
    {
        var state = writer.State;
        return state.Around is not null ? WriteAround(ref writer, value)
            : !state.Objects.TryAdd(value, out var number) && WriteSeen(ref writer, value, number);
    }

    /// <summary>The content of an object that was new is written.</summary>
    public static void Leave(this ref ValueWriter writer, object value) => writer.State.Around?.Remove(value);

    /// <summary>Where objects are written in full: a reference to one that the value is inside of, by its depth.</summary>
    private static bool WriteAround(ref ValueWriter writer, object value)
    {
        var around = writer.State.Around!;
        if (around.TryAdd(value, around.Count))
        {
            return false;
        }

        writer.WriteByte(Header.Seen);
        writer.WriteVarint((uint)around[value]);
        return true;
    }

    private static bool WriteSeen(ref ValueWriter writer, object value, int number)
    {
        var state = writer.State;
        state.HasReferences = true;
        foreach (var open in state.OpenLate)
        {
            if (ReferenceEquals(open, value))
            {
                throw new NotEncodableException(
                    "",
                    $"it is a {TypeNames.Of(value.GetType())} that contains itself, which cannot be made again. "
                        + "Use a List or Dictionary in the cycle.",
                    value);
            }
        }

        if (state.Partial is null || !state.Partial.Remove(number, out var written))
        {
            writer.WriteByte(Header.Seen);
            writer.WriteVarint((uint)number);
        }
        else
        {
            writer.WriteByte(Header.Rest);
            writer.WriteVarint((uint)number);
            WriteMissing(ref writer, value, TypeFields.Of(value.GetType()), written);
        }

        return true;
    }

    internal static object ReadRest(ref ValueReader reader)
    {
        var number = reader.ReadVarint();
        var target = reader.Resolve(number);
        if (reader.State.Partial is null || !reader.State.Partial.Remove((int)number, out var known))
        {
            throw ValueReader.Corrupt($"object {number} is complete and more fields of it follow");
        }

        ReadMissing(ref reader, target, TypeFields.Of(target.GetType()), known);
        return target;
    }

    private static void WriteMissing(ref ValueWriter writer, object target, IReadOnlyList<FieldInfo> fields, HashSet<FieldKey> written)
    {
        // All are marked before the first is written: its graph may lead back to this object.
        foreach (var field in Missing(fields, written))
        {
            var value = field.GetValue(target);
            if (writer.State.Capture is not null)
            {
                value = CapturedValues.Of(value, field.FieldType);
            }

            try
            {
                CodecOf.DeclaredAs(field.FieldType).WriteBoxed(ref writer, value);
            }
            catch (NotEncodableException error)
            {
                throw error.Path.Length > 0
                    ? new NotEncodableException(TypeNames.Of(field) + "." + error.Path, error.Reason, error.Culprit)
                    : error.Below(TypeNames.Of(field), value);
            }
        }
    }

    private static void ReadMissing(ref ValueReader reader, object target, IReadOnlyList<FieldInfo> fields, HashSet<FieldKey> known)
    {
        foreach (var field in Missing(fields, known))
        {
            field.SetValue(target, CodecOf.DeclaredAs(field.FieldType).ReadBoxed(ref reader));
        }
    }

    private static List<FieldInfo> Missing(IReadOnlyList<FieldInfo> fields, HashSet<FieldKey> known)
    {
        List<FieldInfo> missing = [];
        foreach (var field in fields)
        {
            if (known.Add(FieldKey.Of(field)))
            {
                missing.Add(field);
            }
        }

        return missing;
    }
}
