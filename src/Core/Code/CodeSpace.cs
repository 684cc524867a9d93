using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;
using MicroSpark.Model;

namespace MicroSpark.Code;

/// <summary>
/// The user code that one silo (or the client process) can run: assemblies by <see cref="AssemblyId"/>. The framework and MicroSpark
/// itself are named, never shipped. Disposing it lets all that it loaded be unloaded once nothing uses it any more.
/// </summary>
internal sealed class CodeSpace : IDisposable
{
    private readonly bool _useProcess;
    private readonly ConcurrentDictionary<AssemblyId, Lazy<Loaded>> _loaded = new();
    private readonly CodeSpace? _whole;
    private readonly FrozenSet<AssemblyId>? _own;
    private volatile bool _disposed;

    /// <summary>The runtime unloads a context that nobody holds, whatever its assembly is still used for: so both are held.</summary>
    private sealed record Loaded(ShippedLoadContext Context, Assembly Assembly);

    /// <summary>
    /// The assemblies that this process has loaded itself; where clients and silos with <c>Isolation = Process</c> resolve first.
    /// </summary>
    public static CodeSpace Process { get; } = new(useProcess: true);

    private CodeSpace(bool useProcess, ApprovedCode? approved = null) => (_useProcess, Approved) = (useProcess, approved);

    private CodeSpace(CodeSpace whole, FrozenSet<AssemblyId>? own, FrozenSet<Type>? named, PlanNames? names)
    {
        (_whole, _own, Named, Approved) = (whole, own, named, whole.Approved);
        PlanNames = names;
    }

    /// <summary>The assemblies that may be loaded here; null when all may.</summary>
    public ApprovedCode? Approved { get; }

    /// <summary>What a plan may name, in its own view of a space that has only approved code; null when it may name anything.</summary>
    public PlanNames? PlanNames { get; }

    /// <summary>
    /// The types of the program that data may name where nothing tells which it should be, behind object or an interface of the framework:
    /// generic ones by their definitions. Null when it may name any of this space.
    /// </summary>
    public FrozenSet<Type>? Named { get; }

    /// <summary>
    /// A silo's own space. With <paramref name="useProcess"/> an assembly that the process already has loaded with the same id is
    /// used; without it (Isolation = Simulated) every user assembly is loaded from its shipped bytes.
    /// </summary>
    /// <param name="approved">The only assemblies that are loaded, whatever plans bring; null for any.</param>
    public static CodeSpace Create(bool useProcess, ApprovedCode? approved = null) => new(useProcess, approved);

    /// <summary>
    /// This space as one plan sees it: the plan's own assemblies, whatever else is loaded here for other programs. What its tasks read may
    /// name no types but theirs.
    /// </summary>
    /// <param name="assemblies">References first, as a plan has them.</param>
    public CodeSpace Of(IEnumerable<AssemblyId> assemblies)
    {
        AssemblyId[] own = [.. assemblies];
        var whole = _whole ?? this;
        var names = Approved is null ? null : new PlanNames(own, id => (whole.Find(id), whole.NamesOf(id)));
        return new(whole, own.ToFrozenSet(), Named, names);
    }

    /// <summary>This space as one source sees it, which may name these types only: see <see cref="Named"/>.</summary>
    public CodeSpace Naming(FrozenSet<Type> types) => new(_whole ?? this, _own, types, PlanNames);

    /// <summary>The id of a user assembly; null for the framework, for MicroSpark and for the packages that it brings.</summary>
    /// <exception cref="AssemblyNotShippableException">It is the user's, and its bytes are not at hand.</exception>
    public AssemblyId? IdOf(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return AssemblyLoadContext.GetLoadContext(assembly) is ShippedLoadContext shipped ? shipped.Id
            : SharedCode.Has(assembly) ? null
            : AssemblyGraph.ImageOf(assembly).Id;
    }

    /// <summary>Whether it was loaded from shipped bytes here, so that it can be forgotten and loaded anew.</summary>
    public bool IsShipped(AssemblyId id) => _loaded.ContainsKey(id);

    /// <summary>Whether <see cref="Load"/> is not needed for this id.</summary>
    public bool Has(AssemblyId id) => Find(id) is not null;

    /// <summary>
    /// Loads shipped assemblies that are not here yet, references first. Those that come together are judged together: see
    /// <see cref="ApprovedCode"/>.
    /// </summary>
    /// <inheritdoc cref="Load" path="/exception" />
    public void LoadAll(IReadOnlyList<ShippedAssembly> assemblies)
    {
        Approved?.Admit(assemblies, AssemblyGraph.Find);
        foreach (var assembly in assemblies)
        {
            _ = Load(assembly);
        }
    }

    /// <summary>Loads a shipped assembly once; its references are resolved to the other assemblies of this space.</summary>
    /// <exception cref="BadImageFormatException">The bytes are no such assembly; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">Only approved code is loaded here, and this is none.</exception>
    public Assembly Load(ShippedAssembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_whole is not null)
        {
            throw new InvalidOperationException("A plan's view of a space loads nothing: the space itself does.");
        }

        Approved?.EnsureAdmitted(assembly);
        if (_useProcess && AssemblyGraph.FindInProcess(assembly.Name, assembly.Id) is { } here)
        {
            return here;
        }

        var entry = _loaded.GetOrAdd(
            assembly.Id, static (_, args) => new Lazy<Loaded>(() => args.space.LoadBytes(args.assembly)), (space: this, assembly));
        try
        {
            return entry.Value.Assembly;
        }
        catch
        {
            // A damaged copy must not stand in the way of a good one.
            _loaded.TryRemove(new KeyValuePair<AssemblyId, Lazy<Loaded>>(assembly.Id, entry));
            throw;
        }
    }

    /// <summary>The loaded assembly of an id. Throws when it is not here: the engine loads a plan's assemblies before its tasks.</summary>
    public Assembly Get(AssemblyId id)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Find(id) ?? throw new InvalidOperationException(
            $"Assembly {id} is not loaded here: a plan's assemblies must be loaded before anything of it is decoded.");
    }

    /// <summary>The loaded assembly of an id, or null.</summary>
    public Assembly? Find(AssemblyId id)
    {
        if (_whole is { } whole)
        {
            return _own is null || _own.Contains(id) ? whole.Find(id) : null;
        }

        if (_loaded.TryGetValue(id, out var entry))
        {
            return entry.Value.Assembly;
        }

        return OfProcess(id)?.LoadInProcess();
    }

    /// <summary>What the code of an assembly of this space names; null when it is not here, or when nobody asks for it.</summary>
    public CodeNames? NamesOf(AssemblyId id) =>
        _whole is { } whole ? whole.NamesOf(id)
        : _loaded.TryGetValue(id, out var entry) ? entry.Value.Context.Names
        : OfProcess(id)?.Names;

    private AssemblyImage? OfProcess(AssemblyId id) =>
        _useProcess && AssemblyGraph.Find(id) is { } image && Approved?.Approves(image) != false ? image : null;

    /// <summary>
    /// Forgets some assemblies that nobody will ask for again. The runtime unloads each once no object, type or thread refers to it.
    /// </summary>
    public void Forget(IEnumerable<AssemblyId> assemblies)
    {
        foreach (var id in assemblies)
        {
            if (_loaded.TryRemove(id, out var entry) && entry.IsValueCreated)
            {
                entry.Value.Context.Unload();
            }

            Approved?.Forget(id);
        }
    }

    /// <summary>Forgets the loaded assemblies. The runtime unloads each once no object, type or thread refers to it.</summary>
    public void Dispose()
    {
        if (this == Process || _disposed)
        {
            return;
        }

        _disposed = true;
        foreach (var entry in _loaded.Values)
        {
            if (entry.IsValueCreated)
            {
                entry.Value.Context.Unload();
            }
        }

        _loaded.Clear();
    }

    private Loaded LoadBytes(ShippedAssembly assembly)
    {
        assembly.EnsureLoadable();
        var context = new ShippedLoadContext(this, assembly) { Names = Approved is null ? null : CodeNames.In(assembly.Image) };
        using var image = new MemoryStream(assembly.Image, writable: false);
        using var symbols = assembly.Symbols is null ? null : new MemoryStream(assembly.Symbols, writable: false);
        try
        {
            return new Loaded(context, context.LoadFromStream(image, symbols));
        }
        catch (Exception error) when (error is BadImageFormatException or FileLoadException)
        {
            context.Unload();
            throw new BadImageFormatException(
                $"The shipped assembly '{assembly.Name}' ({assembly.Id}) cannot be loaded: {error.Message}", assembly.Name, error);
        }
    }
}
