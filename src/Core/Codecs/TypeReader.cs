using System.Reflection;
using System.Reflection.Metadata;
using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Codecs;

/// <summary>The mirror of <see cref="TypeWriter"/>.</summary>
internal static class TypeReader
{
    private const int MaxNesting = 100;

    public static Type ReadType(this ref ValueReader reader) => Read(ref reader, anyFramework: false).Type;

    public static Type ReadCodeType(this ref ValueReader reader)
    {
        _ = reader.RequirePlan("a type that code mentions");
        return Read(ref reader, anyFramework: true).Type;
    }

    /// <summary>
    /// The type that a method is of. An override's is the framework's own affair: where only approved code runs, the method is judged, and
    /// the types that its owner is made of.
    /// </summary>
    public static Type ReadOwnerType(this ref ValueReader reader)
    {
        _ = reader.RequirePlan("a method's type");
        return Read(ref reader, anyFramework: true, isOwner: true).Type;
    }

    /// <summary>A type that values have, with what was found out about it.</summary>
    public static TypeEntry ReadTypeEntry(this ref ValueReader reader) => Read(ref reader, anyFramework: false);

    private static TypeEntry Read(ref ValueReader reader, bool anyFramework, bool isOwner = false)
    {
        var types = reader.State.Types;
        var reference = reader.ReadVarint();
        TypeEntry entry;
        if (reference > 0)
        {
            entry = reference <= (uint)types.Entries.Count
                ? types.Entries[(int)reference - 1]
                : throw ValueReader.Corrupt($"type {reference - 1} is referenced and {types.Entries.Count} types were named");
            if (!entry.IsJudged && !isOwner)
            {
                reader.Space.PlanNames?.RequireType(KnownTypes.DefinitionOf(entry.Type));
                entry.IsJudged = true;
            }
        }
        else
        {
            if (++types.Nesting > MaxNesting)
            {
                throw ValueReader.Corrupt($"a type is nested deeper than {MaxNesting} levels");
            }

            try
            {
                entry = Define(ref reader, anyFramework, isOwner);
                entry.IsJudged = !isOwner || reader.Space.PlanNames is null || !Origins.IsFramework(entry.Type.Assembly)
                    || KnownTypes.IsHarmless(entry.Type) || KnownTypes.Contains(KnownTypes.DefinitionOf(entry.Type));
                if (!reader.IsPlan && !entry.Type.IsGenericTypeDefinition && DataTypes.RefusalOf(entry.Type) is { } refusal)
                {
                    throw ValueReader.Corrupt($"{entry.Type} is not a type that data has: {refusal}");
                }
            }
            catch (Exception error) when (error is TypeLoadException or FileNotFoundException or FileLoadException
                or BadImageFormatException)
            {
                throw ValueReader.Corrupt($"a type cannot be loaded: {error.Message}", error);
            }

            types.Entries.Add(entry);
            types.Nesting--;
        }

        return anyFramework || entry.ForValues ? entry : throw ValueReader.Corrupt($"{entry.Type} is not a type that values have");
    }

    private static TypeEntry Define(ref ValueReader reader, bool anyFramework, bool isOwner)
    {
        var tag = (TypeTag)reader.ReadByte();
        switch (tag)
        {
            case TypeTag.Known:
                var name = reader.ReadString();
                return new TypeEntry(KnownTypes.Find(name) ?? throw ValueReader.Corrupt($"'{name}' is not a known type"), forValues: true);
            case TypeTag.User:
                return new TypeEntry(User(ref reader), forValues: true);
            case TypeTag.MicroSpark:
                var engine = Named(ref reader, Origins.MicroSparkAssembly);

                // A part of the engine that a hand-made plan fills as it likes would be code of the plan's choice.
                return new TypeEntry(engine, reader.Space.PlanNames is null || MayBeFilled(engine));
            case TypeTag.Framework:
                var framework = Named(ref reader, Origins.FrameworkAssembly);
                if (reader.IsPlan && !isOwner && !KnownTypes.IsHarmless(framework))
                {
                    reader.Space.PlanNames?.RequireType(framework);
                }

                return new TypeEntry(framework, KnownTypes.IsHarmless(framework));
            case TypeTag.Array:
                var item = Read(ref reader, anyFramework);
                return Construct(item.ForValues, item.Type, static (type, _) => type.MakeArrayType(), null);
            case TypeTag.Matrix:
                int rank = reader.ReadByte();
                var cell = Read(ref reader, anyFramework);
                return rank is >= 1 and <= 32
                    ? Construct(cell.ForValues, cell.Type, (type, _) => type.MakeArrayType(rank), null)
                    : throw ValueReader.Corrupt($"an array has {rank} dimensions");
            case TypeTag.Generic:
                return Generic(ref reader, anyFramework, isOwner);
            default:
                throw ValueReader.Corrupt($"{(byte)tag} is no kind of type");
        }
    }

    private static bool MayBeFilled(Type engine) =>
        engine.IsVisible || engine.IsDefined(typeof(PlanValueAttribute), inherit: false) || DataTypes.RefusalOf(engine) is null;

    private static TypeEntry Generic(ref ValueReader reader, bool anyFramework, bool isOwner)
    {
        var definition = Read(ref reader, anyFramework, isOwner);
        if (!definition.Type.IsGenericTypeDefinition)
        {
            throw ValueReader.Corrupt($"{definition.Type} takes no type arguments");
        }

        var arguments = new Type[definition.Type.GetGenericArguments().Length];
        var forValues = definition.ForValues;
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = Read(ref reader, anyFramework);
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
        var assembly = reader.ReadString();
        var name = reader.ReadString();

        // A name with type arguments would name assemblies too, and reflection would load them.
        return TypeName.TryParse(name, out var parsed) && parsed is { IsSimple: true, AssemblyName: null }
            && find(assembly)?.GetType(name!, throwOnError: false) is { } type
            ? type
            : throw ValueReader.Corrupt($"there is no type '{name}' in '{assembly}'");
    }

    private static Type User(ref ValueReader reader)
    {
        var assemblies = reader.State.Types.Assemblies;
        var reference = reader.ReadVarint();
        if (reference == 0)
        {
            AssemblyId id = new(LineageId.FromHash(reader.ReadBytes(32)));
            assemblies.Add(
                reader.IsPlan
                    ? reader.Space.Get(id)
                    : reader.Space.Find(id)
                        ?? throw ValueReader.Corrupt($"it names a type of the assembly {id}, which is none of its reader's"));
            reference = (uint)assemblies.Count;
        }
        else if (reference > (uint)assemblies.Count)
        {
            throw ValueReader.Corrupt($"assembly {reference - 1} is referenced and {assemblies.Count} were named");
        }

        var row = reader.ReadVarint();
        var assembly = assemblies[(int)reference - 1];
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
