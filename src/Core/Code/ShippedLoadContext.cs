using System.Reflection;
using System.Runtime.Loader;
using MicroSpark.Model;

namespace MicroSpark.Code;

/// <summary>
/// The load context of one shipped assembly. One per assembly, not per job: a type of line 1 of a prompt is the same type for line 3
/// and for another client, because both find this context.
/// </summary>
internal sealed class ShippedLoadContext : AssemblyLoadContext
{
    private readonly string _name;
    private readonly IReadOnlyList<AssemblyId> _references;
    private CodeSpace? _space;

    public ShippedLoadContext(CodeSpace space, ShippedAssembly assembly)
        : base($"{assembly.Name} {assembly.Id}", isCollectible: true)
    {
        _space = space;
        _name = assembly.Name;
        _references = assembly.References;
        Id = assembly.Id;
        Symbols = assembly.Symbols;

        // The runtime holds an unloading context until its last type is gone: it must not hold types, those of the space included.
        Unloading += static context => ((ShippedLoadContext)context)._space = null;
    }

    public AssemblyId Id { get; }

    public byte[]? Symbols { get; }

    /// <summary>What the assembly's code names; null where nobody asks for it.</summary>
    public CodeNames? Names { get; init; }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Null: the default context has it.
        if (assemblyName.Name is not { } simpleName || SharedCode.Has(simpleName) || _space is not { } space)
        {
            return null;
        }

        var complete = true;
        foreach (var reference in _references)
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

        if (!complete)
        {
            throw new FileNotFoundException(
                $"'{_name}' needs '{simpleName}', which was shipped with it and has not been loaded here: assemblies are loaded references "
                + $"first.",
                simpleName);
        }

        // What lies in the worker's own folder is not approved by that. Satellites have texts, and no code.
        return space.Approved is null || !string.IsNullOrEmpty(assemblyName.CultureName) ? null : throw new FileNotFoundException(
            $"'{_name}' needs '{simpleName}', which was not shipped with it; with {ApprovedCode.Setting} nothing else is loaded.",
            simpleName);
    }
}
