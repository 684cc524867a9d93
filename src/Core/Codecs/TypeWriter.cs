using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Codecs;

/// <summary>
/// Names types. The table is written in place: the first use of a type defines it, later uses are its index. No text drives what is
/// loaded: user types are rows of assemblies that the reader was told to load.
/// </summary>
internal static class TypeWriter
{
    /// <summary>Names a type that values have: from the closed list of known types, MicroSpark's or the user's.</summary>
    /// <param name="value">The value that is of it, if there is one: a refusal finds the way to it.</param>
    public static void WriteType(this ref ValueWriter writer, Type type, object? value = null) =>
        Write(ref writer, type, anyFramework: false, value);

    /// <summary>Names a type that code mentions (a method's owner, a generic argument): also any type of the framework.</summary>
    public static void WriteCodeType(this ref ValueWriter writer, Type type) => Write(ref writer, type, anyFramework: true);

    private static void Write(ref ValueWriter writer, Type type, bool anyFramework, object? value = null)
    {
        var state = writer.State;
        state.HasReferences = true;
        if (state.Types.TryGetNumber(type, out var known))
        {
            writer.WriteVarint((uint)known + 1);
            return;
        }

        if (writer.Functions is null && !type.IsGenericTypeDefinition && DataTypes.RefusalOf(type) is { } refusal)
        {
            throw new NotEncodableException("", refusal, value);
        }

        writer.WriteVarint(0);
        Define(ref writer, type, anyFramework);
        state.Types.Add(type);
    }

    private static void Define(ref ValueWriter writer, Type type, bool anyFramework)
    {
        if (type.IsPointer || type.IsByRef || type.IsFunctionPointer || type.IsGenericParameter)
        {
            throw new NotEncodableException(
                "", $"the type {TypeNames.Of(type)} is a pointer, a reference or open, and has no meaning elsewhere.");
        }

        if (type.IsSZArray)
        {
            writer.WriteByte((byte)TypeTag.Array);
            Write(ref writer, type.GetElementType()!, anyFramework);
        }
        else if (type.IsArray)
        {
            writer.WriteByte((byte)TypeTag.Matrix);
            writer.WriteByte((byte)type.GetArrayRank());
            Write(ref writer, type.GetElementType()!, anyFramework);
        }
        else if (type.IsConstructedGenericType)
        {
            writer.WriteByte((byte)TypeTag.Generic);
            Write(ref writer, type.GetGenericTypeDefinition(), anyFramework);
            foreach (var argument in type.GenericTypeArguments)
            {
                Write(ref writer, argument, anyFramework);
            }
        }
        else
        {
            DefineNamed(ref writer, type, anyFramework);
        }
    }

    private static void DefineNamed(ref ValueWriter writer, Type type, bool anyFramework)
    {
        var assembly = type.Assembly;
        if (KnownTypes.Contains(type))
        {
            writer.WriteByte((byte)TypeTag.Known);
            writer.WriteString(type.FullName);
        }
        else if (Origins.IsMicroSpark(assembly))
        {
            if (CompilerMade.Is(type))
            {
                throw new NotEncodableException("", CompilerMade.HasNoName);
            }

            writer.WriteByte((byte)TypeTag.MicroSpark);
            writer.WriteString(assembly.GetName().Name);
            writer.WriteString(type.FullName);
        }
        else if (Origins.IsFramework(assembly))
        {
            if (!anyFramework && !KnownTypes.IsHarmless(type))
            {
                throw new NotEncodableException("", Refusals.Of(type) ?? $"no encoding of {TypeNames.Of(type)} is known.");
            }

            writer.WriteByte((byte)TypeTag.Framework);
            writer.WriteString(assembly.GetName().Name);
            writer.WriteString(type.FullName);
        }
        else
        {
            DefineUser(ref writer, type);
        }
    }

    private static void DefineUser(ref ValueWriter writer, Type type)
    {
        var id = writer.Space.IdOf(type.Assembly)
            ?? throw new NotEncodableException(
                "", $"the assembly of {TypeNames.Of(type)} ({type.Assembly.GetName().Name}) has no bytes that could be shipped.");
        writer.WriteByte((byte)TypeTag.User);
        if (writer.State.Types.TryAdd(id, out var number))
        {
            writer.WriteVarint(0);
            Span<byte> hash = stackalloc byte[32];
            id.Hash.CopyTo(hash);
            writer.WriteBytes(hash);
        }
        else
        {
            writer.WriteVarint((uint)number + 1);
        }

        writer.WriteVarint((uint)type.MetadataToken & 0x00FF_FFFF);
    }
}
