using System.Reflection;

namespace MicroSpark.Closures;

/// <summary>
/// The user code that one silo (or the client process) can run: assemblies by <see cref="AssemblyId"/>. The framework and MicroSpark
/// itself are named, never shipped.
/// </summary>
internal sealed class CodeSpace
{
    /// <summary>The assemblies that this process has loaded itself; where clients and silos with <c>Isolation = Process</c> resolve first.</summary>
    public static CodeSpace Process { get; } = new(useProcess: true);

    private CodeSpace(bool useProcess) => _ = useProcess;

    /// <summary>
    /// A silo's own space. With <paramref name="useProcess"/> an assembly that the process already has loaded with the same id is
    /// used; without it (Isolation = Simulated) every user assembly is loaded from its shipped bytes.
    /// </summary>
    public static CodeSpace Create(bool useProcess) => new(useProcess);

    /// <summary>The id of a user assembly; null for the framework and for MicroSpark.</summary>
    public AssemblyId? IdOf(Assembly assembly) => throw new NotImplementedException();

    /// <summary>Whether <see cref="Load"/> is not needed for this id.</summary>
    public bool Has(AssemblyId id) => throw new NotImplementedException();

    /// <summary>Loads a shipped assembly once; its references are resolved to the other assemblies of this space.</summary>
    public Assembly Load(ShippedAssembly assembly) => throw new NotImplementedException();

    /// <summary>The loaded assembly of an id. Throws when it is not here: the engine loads a plan's assemblies before its tasks.</summary>
    public Assembly Get(AssemblyId id) => throw new NotImplementedException();
}

/// <summary>A user assembly as it travels: its image, its symbols when there are any, and the ids of the user assemblies it references.</summary>
internal sealed record ShippedAssembly(AssemblyId Id, string Name, byte[] Image, byte[]? Symbols, IReadOnlyList<AssemblyId> References)
{
    /// <summary>Describes a loaded user assembly from its file or from the bytes registered for it (emitted at a prompt).</summary>
    public static ShippedAssembly Of(Assembly assembly) => throw new NotImplementedException();

    /// <summary>The assembly and all user assemblies that it references, references first.</summary>
    public static IReadOnlyList<ShippedAssembly> ClosureOf(IEnumerable<AssemblyId> roots) => throw new NotImplementedException();

    public byte[] ToBytes() => throw new NotImplementedException();

    public static ShippedAssembly FromBytes(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();
}
