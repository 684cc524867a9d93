using MicroSpark.Model;

namespace MicroSpark.Codecs;

/// <summary>The types and assemblies that one encoding has named, numbered as they appeared. <see cref="TypeWriter"/> names them.</summary>
internal sealed class WriteTypeTable
{
    private readonly Dictionary<Type, int> _types = [];
    private readonly Dictionary<AssemblyId, int> _assemblyNumbers = [];

    /// <summary>The user assemblies that a reader needs, in order of their first use.</summary>
    public List<AssemblyId> Assemblies { get; } = [];

    public bool TryGetNumber(Type type, out int number) => _types.TryGetValue(type, out number);

    /// <summary>Gives the type the next number. A type is added after those that it is made of.</summary>
    public void Add(Type type) => _types.Add(type, _types.Count);

    /// <summary>True when the assembly is new; <paramref name="number"/> is its number in both cases.</summary>
    public bool TryAdd(AssemblyId id, out int number)
    {
        if (_assemblyNumbers.TryGetValue(id, out number))
        {
            return false;
        }

        number = _assemblyNumbers.Count;
        _assemblyNumbers.Add(id, number);
        Need(id);
        return true;
    }

    /// <summary>Notes an assembly that a part which is written apart has named.</summary>
    public void Need(AssemblyId id)
    {
        if (!Assemblies.Contains(id))
        {
            Assemblies.Add(id);
        }
    }

    public void Clear()
    {
        _types.Clear();
        _assemblyNumbers.Clear();
        Assemblies.Clear();
    }
}
