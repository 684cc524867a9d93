using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>A type that an encoding named, and what was found out about it.</summary>
internal sealed class TypeEntry(Type type, bool forValues)
{
    public Type Type { get; } = type;

    /// <summary>The type by identity, for tables of types: asked once here and not for every value.</summary>
    public int Hash { get; } = RuntimeHelpers.GetHashCode(type);

    /// <summary>False for types that only code may mention.</summary>
    public bool ForValues { get; } = forValues;

    /// <summary>
    /// Where only approved code runs: false while it was named as a method's owner alone, which says nothing of whether it may stand
    /// elsewhere.
    /// </summary>
    public bool IsJudged { get; set; } = true;

    /// <summary>The declared type behind which such a value was found last: values of it may stand there.</summary>
    public Type? Declared { get; set; }
}

/// <summary>The mirror of <see cref="WriteTypeTable"/>, filled by <see cref="TypeReader"/>.</summary>
internal sealed class ReadTypeTable
{
    public List<TypeEntry> Entries { get; } = [];

    public List<Assembly> Assemblies { get; } = [];

    /// <summary>How many types are being read, each inside the one before.</summary>
    public int Nesting { get; set; }

    public void Clear()
    {
        Entries.Clear();
        Assemblies.Clear();
        Nesting = 0;
    }
}
