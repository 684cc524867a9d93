using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Codecs;

/// <summary>A type that an encoding named, and what was found out about it.</summary>
internal sealed class TypeEntry(Type type, bool forValues)
{
    private Codec? _codec;
    private Type? _declared;

    public Type Type { get; } = type;

    /// <summary>False for types that only code may mention.</summary>
    public bool ForValues { get; } = forValues;

    /// <summary>The codec for a value of this very type behind a field of the declared one.</summary>
    public Codec CodecFor(Type declared)
    {
        if (!ReferenceEquals(_declared, declared))
        {
            if (Type.ContainsGenericParameters || !declared.IsAssignableFrom(Type))
            {
                throw ValueReader.Corrupt($"a {Type} stands where {declared} is declared");
            }

            _codec ??= Concrete();
            _declared = declared;
        }

        return _codec!;
    }

    private Codec Concrete()
    {
        Codec codec = CodecFactory.ForRuntime(Type);
        return codec.IsConcrete && codec.Type == Type ? codec : throw ValueReader.Corrupt($"{Type} is not a type that values have");
    }
}

/// <summary>The mirror of <see cref="WriteTypeTable"/>.</summary>
internal sealed class ReadTypeTable
{
    private const int MaxNesting = 100;

    private readonly List<TypeEntry> _entries = [];
    private readonly List<Assembly> _assemblies = [];
    private int _nesting;

    public TypeEntry Read(ref ValueReader reader, bool anyFramework)
    {
        uint reference = reader.ReadVarint();
        TypeEntry entry;
        if (reference > 0)
        {
            entry = reference <= (uint)_entries.Count
                ? _entries[(int)reference - 1]
                : throw ValueReader.Corrupt($"type {reference - 1} is referenced and {_entries.Count} types were named");
        }
        else
        {
            if (++_nesting > MaxNesting)
            {
                throw ValueReader.Corrupt($"a type is nested deeper than {MaxNesting} levels");
            }

            entry = Define(ref reader, anyFramework);
            _entries.Add(entry);
            _nesting--;
        }

        return anyFramework || entry.ForValues ? entry : throw ValueReader.Corrupt($"{entry.Type} is not a type that values have");
    }

    public void Clear()
    {
        _entries.Clear();
        _assemblies.Clear();
        _nesting = 0;
    }

    private TypeEntry Define(ref ValueReader reader, bool anyFramework)
    {
        TypeTag tag = (TypeTag)reader.ReadByte();
        switch (tag)
        {
            case TypeTag.Known:
                string? name = reader.ReadString();
                return new TypeEntry(KnownTypes.Find(name) ?? throw ValueReader.Corrupt($"'{name}' is not a known type"), forValues: true);
            case TypeTag.User:
                return new TypeEntry(User(ref reader), forValues: true);
            case TypeTag.MicroSpark:
                return new TypeEntry(Named(ref reader, Origins.MicroSparkAssembly), forValues: true);
            case TypeTag.Framework:
                Type framework = Named(ref reader, Origins.FrameworkAssembly);
                return new TypeEntry(framework, KnownTypes.IsHarmless(framework));
            case TypeTag.Array:
                TypeEntry item = Read(ref reader, anyFramework);
                return Construct(item.ForValues, item.Type, static (type, _) => type.MakeArrayType(), null);
            case TypeTag.Matrix:
                int rank = reader.ReadByte();
                TypeEntry cell = Read(ref reader, anyFramework);
                return rank is >= 1 and <= 32
                    ? Construct(cell.ForValues, cell.Type, (type, _) => type.MakeArrayType(rank), null)
                    : throw ValueReader.Corrupt($"an array has {rank} dimensions");
            case TypeTag.Generic:
                return Generic(ref reader, anyFramework);
            default:
                throw ValueReader.Corrupt($"{(byte)tag} is no kind of type");
        }
    }

    private TypeEntry Generic(ref ValueReader reader, bool anyFramework)
    {
        TypeEntry definition = Read(ref reader, anyFramework);
        if (!definition.Type.IsGenericTypeDefinition)
        {
            throw ValueReader.Corrupt($"{definition.Type} takes no type arguments");
        }

        Type[] arguments = new Type[definition.Type.GetGenericArguments().Length];
        bool forValues = definition.ForValues;
        for (int i = 0; i < arguments.Length; i++)
        {
            TypeEntry argument = Read(ref reader, anyFramework);
            forValues &= argument.ForValues;
            arguments[i] = argument.Type;
        }

        return Construct(forValues, definition.Type, static (type, args) => type.MakeGenericType(args!), arguments);
    }

    private static TypeEntry Construct(bool forValues, Type type, Func<Type, Type[]?, Type> make, Type[]? arguments)
    {
        try
        {
            return new TypeEntry(make(type, arguments), forValues);
        }
        catch (Exception error) when (error is ArgumentException or TypeLoadException or InvalidOperationException or NotSupportedException)
        {
            throw ValueReader.Corrupt($"no type can be made of {type}: {error.Message}");
        }
    }

    private static Type Named(ref ValueReader reader, Func<string?, Assembly?> find)
    {
        string? assembly = reader.ReadString();
        string? name = reader.ReadString();
        return find(assembly)?.GetType(name ?? "", throwOnError: false)
            ?? throw ValueReader.Corrupt($"there is no type '{name}' in '{assembly}'");
    }

    private Type User(ref ValueReader reader)
    {
        uint reference = reader.ReadVarint();
        if (reference == 0)
        {
            AssemblyId id = new(LineageId.FromHash(reader.ReadBytes(32)));
            _assemblies.Add(reader.Space.Get(id));
            reference = (uint)_assemblies.Count;
        }
        else if (reference > (uint)_assemblies.Count)
        {
            throw ValueReader.Corrupt($"assembly {reference - 1} is referenced and {_assemblies.Count} were named");
        }

        uint row = reader.ReadVarint();
        Assembly assembly = _assemblies[(int)reference - 1];
        try
        {
            return row is > 1 and < 0x0100_0000
                ? assembly.ManifestModule.ResolveType((int)(0x0200_0000 | row))
                : throw ValueReader.Corrupt($"{row} is no row of a type");
        }
        catch (ArgumentException)
        {
            throw ValueReader.Corrupt($"{assembly.GetName().Name} has no type in row {row}");
        }
    }
}
