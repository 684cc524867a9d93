using System.Reflection;
using System.Runtime.Loader;
using MicroSpark.Code;

namespace MicroSpark.Client.Shell;

/// <summary>
/// Where a session's lines live: each is an assembly of its own, and all go at once when the session is reset and nothing uses them any
/// more. The bytes are registered, so that lambdas of a line can be shipped.
/// </summary>
internal sealed class ScriptContext() : AssemblyLoadContext("prompt", isCollectible: true)
{
    private readonly Dictionary<string, Assembly> _lines = [];
    private readonly Dictionary<string, string> _references = new(StringComparer.OrdinalIgnoreCase);

    public Assembly Add(byte[] image, byte[] symbols)
    {
        var assembly = LoadFromStream(new MemoryStream(image), new MemoryStream(symbols));
        EmittedAssemblies.Register(assembly, image, symbols);
        _lines[assembly.GetName().Name!] = assembly;
        return assembly;
    }

    /// <summary>The assemblies of all lines.</summary>
    public IEnumerable<Assembly> Lines => _lines.Values;

    /// <summary>An assembly that a line named with <c>#r</c>.</summary>
    public void Reference(string path) => _references[Path.GetFileNameWithoutExtension(path)] = path;

    public void Close()
    {
        _lines.Clear();
        _references.Clear();
        Unload();
    }

    protected override Assembly? Load(AssemblyName assemblyName) =>
        _lines.TryGetValue(assemblyName.Name!, out var line) ? line
        : _references.TryGetValue(assemblyName.Name!, out var path) ? LoadFromAssemblyPath(path)
        : null;
}
