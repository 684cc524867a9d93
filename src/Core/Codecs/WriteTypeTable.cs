using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Codecs;

/// <summary>How an entry of a type table names its type. A type that was named before is an index into the table.</summary>
internal enum TypeTag : byte
{
    /// <summary>A framework type of the closed list <see cref="KnownTypes"/>, by full name.</summary>
    Known = 0,

    /// <summary>A user's type: its assembly's id and the row of its definition.</summary>
    User = 1,

    /// <summary>A type of MicroSpark itself: simple assembly name and full name.</summary>
    MicroSpark = 2,

    /// <summary>Any other framework type: simple assembly name and full name. Values are only of its enums, delegates and interfaces.</summary>
    Framework = 3,

    /// <summary>A one-dimensional array of an entry.</summary>
    Array = 4,

    /// <summary>An array of several dimensions.</summary>
    Matrix = 5,

    /// <summary>A generic definition and its arguments.</summary>
    Generic = 6,
}

/// <summary>
/// The types that one encoding names, numbered as they appear. The table is written in place: the first use of a type defines it, later
/// uses are its index. No text drives what is loaded: user types are rows of assemblies that the reader was told to load.
/// </summary>
internal sealed class WriteTypeTable
{
    private readonly Dictionary<Type, int> _types = [];
    private readonly Dictionary<AssemblyId, int> _assemblyNumbers = [];
    private Type? _lastType;
    private Codec? _lastCodec;

    /// <summary>The user assemblies that a reader needs, in order of their first use.</summary>
    public List<AssemblyId> Assemblies { get; } = [];

    /// <summary>Notes an assembly that a part which is written apart has named.</summary>
    public void Need(AssemblyId id)
    {
        if (!Assemblies.Contains(id))
        {
            Assemblies.Add(id);
        }
    }

    /// <summary>The codec of a value's runtime type.</summary>
    public Codec CodecOf(Type runtimeType)
    {
        if (!ReferenceEquals(runtimeType, _lastType))
        {
            _lastCodec = CodecFactory.ForRuntime(runtimeType);
            _lastType = runtimeType;
        }

        return _lastCodec!;
    }

    public void Write(ref ValueWriter writer, Type type, bool anyFramework)
    {
        writer.State.HasReferences = true;
        if (_types.TryGetValue(type, out int known))
        {
            writer.WriteVarint((uint)known + 1);
            return;
        }

        writer.WriteVarint(0);
        Define(ref writer, type, anyFramework);
        _types.Add(type, _types.Count);
    }

    public void Clear()
    {
        _types.Clear();
        _assemblyNumbers.Clear();
        Assemblies.Clear();
        _lastType = null;
        _lastCodec = null;
    }

    private void Define(ref ValueWriter writer, Type type, bool anyFramework)
    {
        if (type.IsPointer || type.IsByRef || type.IsFunctionPointer || type.IsGenericParameter)
        {
            throw new NotEncodableException("", $"the type {TypeNames.Of(type)} is a pointer, a reference or open, and has no meaning elsewhere.");
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
            foreach (Type argument in type.GenericTypeArguments)
            {
                Write(ref writer, argument, anyFramework);
            }
        }
        else
        {
            DefineNamed(ref writer, type, anyFramework);
        }
    }

    private void DefineNamed(ref ValueWriter writer, Type type, bool anyFramework)
    {
        Assembly assembly = type.Assembly;
        if (KnownTypes.Contains(type))
        {
            writer.WriteByte((byte)TypeTag.Known);
            writer.WriteString(type.FullName);
        }
        else if (Origins.IsMicroSpark(assembly))
        {
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

    private void DefineUser(ref ValueWriter writer, Type type)
    {
        AssemblyId id = writer.Space.IdOf(type.Assembly)
            ?? throw new NotEncodableException("", $"the assembly of {TypeNames.Of(type)} ({type.Assembly.GetName().Name}) has no bytes that could be shipped.");
        writer.WriteByte((byte)TypeTag.User);
        if (_assemblyNumbers.TryGetValue(id, out int number))
        {
            writer.WriteVarint((uint)number + 1);
        }
        else
        {
            writer.WriteVarint(0);
            Span<byte> hash = stackalloc byte[32];
            id.Hash.CopyTo(hash);
            writer.WriteBytes(hash);
            _assemblyNumbers.Add(id, _assemblyNumbers.Count);
            Need(id);
        }

        writer.WriteVarint((uint)type.MetadataToken & 0x00FF_FFFF);
    }
}
