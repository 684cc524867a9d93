using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MicroSpark.Model;

namespace MicroSpark.Code;

/// <summary>
/// A user assembly of this process as bytes: read once, hashed, with the user assemblies that it references. It never holds the loaded
/// assembly itself, so that a collectible one can go.
/// </summary>
internal sealed class AssemblyImage
{
    private bool _named;
    private readonly EmittedAssemblies.Emitted? _emitted;
    private readonly WeakReference<Assembly>? _loaded;
    private readonly byte[] _contentHash;
    private PlanBlob? _blob;
    private CodeNames? _names;
    private Assembly? _inDefault;

    private AssemblyImage(byte[] image, string? path, EmittedAssemblies.Emitted? emitted, Assembly? loaded)
    {
        Path = path;
        _emitted = emitted;
        _loaded = loaded is null ? null : new WeakReference<Assembly>(loaded);
        _contentHash = SHA256.HashData(image);
        (Name, Mvid, ReferenceNames) = ReadMetadata(image, path ?? loaded?.FullName ?? "");
    }

    public string Name { get; }

    public Guid Mvid { get; }

    /// <summary>The file; null for an emitted assembly.</summary>
    public string? Path { get; }

    /// <summary>Simple names, the framework's and MicroSpark's included.</summary>
    public IReadOnlyList<string> ReferenceNames { get; }

    /// <summary>The user assemblies it references, those that were found. Set once by <see cref="AssemblyGraph"/>.</summary>
    public IReadOnlyList<AssemblyImage> References { get; set; } = [];

    public AssemblyId Id { get; private set; }

    /// <summary>The shipped form as a blob. Named once; the bytes of a file are read again when they are asked for, not kept.</summary>
    public PlanBlob Blob => _blob ??= MakeBlob();

    /// <summary>The SHA-256 of its bytes.</summary>
    public byte[] Content => _contentHash;

    /// <summary>The methods and types that its code names: read once, and only where that is asked.</summary>
    public CodeNames Names => _names ??= CodeNames.In(ReadImage());

    /// <summary>Whether <see cref="Id"/> is there to be read by a thread that does not hold the graph's lock.</summary>
    public bool IsNamed => Volatile.Read(ref _named);

    public static AssemblyImage OfFile(string path) => new(File.ReadAllBytes(path), path, null, null);

    public static AssemblyImage OfLoaded(Assembly assembly, string path) => new(File.ReadAllBytes(path), path, null, assembly);

    public static AssemblyImage OfEmitted(Assembly assembly, EmittedAssemblies.Emitted emitted) =>
        new(emitted.Image, null, emitted, assembly);

    /// <summary>
    /// Names the assembly by its own bytes and by those of everything reachable through its references. The set instead of a hash tree
    /// gives an id to assemblies that reference each other in a cycle.
    /// </summary>
    public void ComputeId()
    {
        var reachable = new HashSet<AssemblyImage> { this };
        var open = new Stack<AssemblyImage>(References);
        while (open.TryPop(out var next))
        {
            if (reachable.Add(next))
            {
                foreach (var reference in next.References)
                {
                    open.Push(reference);
                }
            }
        }

        reachable.Remove(this);
        Id = IdOf(_contentHash, reachable.Select(image => image._contentHash));
        Volatile.Write(ref _named, true);
    }

    /// <summary>The id of an assembly with these bytes, by their hash, and with those of all that it reaches.</summary>
    public static AssemblyId IdOf(byte[] content, IEnumerable<byte[]> reachable)
    {
        byte[][] others = [.. reachable];
        Array.Sort(others, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("MicroSpark assembly 1"u8);
        hash.AppendData(content);
        foreach (var other in others)
        {
            hash.AppendData(other);
        }

        return new AssemblyId(LineageId.FromHash(hash.GetHashAndReset()));
    }

    /// <summary>The bytes again, as they were hashed.</summary>
    /// <exception cref="AssemblyNotShippableException">The file has changed since.</exception>
    public ShippedAssembly ToShipped()
    {
        var image = ReadImage();
        return _emitted is not null || SHA256.HashData(image).AsSpan().SequenceEqual(_contentHash)
            ? ToShipped(image)
            : throw AssemblyNotShippableException.Changed(Name, Path!);
    }

    private PlanBlob MakeBlob()
    {
        var name = BlobName.Of(ToShipped().ToBytes());
        return new PlanBlob(name, () =>
        {
            // The name covers the image: it need not be hashed by itself again.
            var bytes = ToShipped(ReadImage()).ToBytes();
            return BlobName.Of(bytes) == name ? bytes : throw AssemblyNotShippableException.Changed(Name, Path ?? "memory");
        });
    }

    private byte[] ReadImage() => _emitted?.Image ?? File.ReadAllBytes(Path!);

    private ShippedAssembly ToShipped(byte[] image) => new(Id, Name, image, Symbols(), [.. References.Select(reference => reference.Id)]);

    /// <summary>Portable symbols of an emitted assembly or beside the file. Embedded ones are in the image.</summary>
    public byte[]? Symbols()
    {
        if (_emitted is not null)
        {
            return _emitted.Symbols;
        }

        var pdb = System.IO.Path.ChangeExtension(Path!, ".pdb");
        if (!File.Exists(pdb))
        {
            return null;
        }

        var symbols = File.ReadAllBytes(pdb);
        return symbols.AsSpan().StartsWith("BSJB"u8) ? symbols : null;
    }

    /// <summary>The assembly of this process, loaded from its file where it was not loaded yet; null when it was unloaded.</summary>
    public Assembly? LoadInProcess()
    {
        if (_loaded is not null)
        {
            return _loaded.TryGetTarget(out var assembly) ? assembly : null;
        }

        // The default context never unloads, so holding on to what it has changes nothing.
        return _inDefault ??= Assembly.LoadFrom(Path!) is { } found && found.ManifestModule.ModuleVersionId == Mvid ? found : null;
    }

    /// <summary>The simple names of the assemblies that an image's bytes refer to.</summary>
    /// <exception cref="BadImageFormatException">It is no .NET assembly.</exception>
    public static string[] NeedsOf(byte[] image, string origin) => ReadMetadata(image, origin).References;

    private static (string Name, Guid Mvid, string[] References) ReadMetadata(byte[] image, string origin)
    {
        try
        {
            using var reader = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(image));
            var metadata = reader.GetMetadataReader();
            return (
                metadata.GetString(metadata.GetAssemblyDefinition().Name),
                metadata.GetGuid(metadata.GetModuleDefinition().Mvid),
                [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))]);
        }
        catch (Exception error) when (error is BadImageFormatException or InvalidOperationException)
        {
            throw new BadImageFormatException(
                $"Expected a .NET assembly in '{origin}'; its {image.Length} bytes are none: {error.Message}", origin, error);
        }
    }
}

/// <summary>A user assembly cannot be sent to workers, because its bytes are not at hand.</summary>
internal sealed class AssemblyNotShippableException(string assembly, string message) : InvalidOperationException(message)
{
    public string AssemblyName { get; } = assembly;

    public static AssemblyNotShippableException NoBytes(Assembly assembly)
    {
        var name = assembly.GetName().Name ?? "?";
        return new(name, $"The code of assembly '{name}' exists only in this process: expected a file or registered bytes to ship, found "
            + (assembly.IsDynamic ? "an assembly made with Reflection.Emit. " : "an assembly without a location (a single-file program?). ")
            + "Put the code into a project of its own, or publish without PublishSingleFile.");
    }

    public static AssemblyNotShippableException Changed(string name, string path) => new(
        name,
        $"Assembly '{name}' was loaded from '{path}', which has been rebuilt since: workers would run other code than this program. "
            + "Start the program again.");
}
