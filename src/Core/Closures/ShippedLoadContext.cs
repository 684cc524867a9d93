using System.Reflection;
using System.Runtime.Loader;

namespace MicroSpark.Closures;

/// <summary>
/// The load context of one shipped assembly. One per assembly, not per job: a type of line 1 of a prompt is the same type for line 3
/// and for another client, because both find this context.
/// </summary>
internal sealed class ShippedLoadContext(CodeSpace space, AssemblyId id, string name, IReadOnlyList<AssemblyId> references, byte[]? symbols)
    : AssemblyLoadContext($"{name} {id}", isCollectible: true)
{
    public AssemblyId Id { get; } = id;

    public byte[]? Symbols { get; } = symbols;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Null: the default context has it.
        if (assemblyName.Name is not { } simpleName || SharedCode.Has(simpleName))
        {
            return null;
        }

        bool complete = true;
        foreach (AssemblyId reference in references)
        {
            if (space.Find(reference) is not { } found)
            {
                complete = false;
            }
            else if (string.Equals(found.GetName().Name, simpleName, StringComparison.OrdinalIgnoreCase))
            {
                return found;
            }
        }

        return complete ? null : throw new FileNotFoundException(
            $"'{name}' needs '{simpleName}', which was shipped with it and has not been loaded here: assemblies are loaded references first.", simpleName);
    }
}
