using System.Text.Json;

namespace MicroSpark.Code;

/// <summary>
/// What a program's <c>.deps.json</c> says: which library brings which assemblies, and which of them came as packages. It is the only
/// place that lists libraries which are used by reflection alone.
/// </summary>
internal sealed class DependencyManifest
{
    private readonly Dictionary<string, Library> _libraries = new(StringComparer.OrdinalIgnoreCase);

    private sealed record Library(string Kind, HashSet<string> Assemblies, List<string> DependsOn);

    /// <summary>The manifest of the running program; empty when it has none.</summary>
    public static DependencyManifest OfProcess { get; } =
        Read((AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Simple names of the framework's assemblies in a self-contained program.</summary>
    public IEnumerable<string> RuntimePack =>
        _libraries.Values.Where(library => library.Kind == "runtimepack").SelectMany(library => library.Assemblies);

    /// <summary>
    /// Reads several manifests as one. Files that are missing or no manifests count as empty: it is a hint, never a demand.
    /// </summary>
    public static DependencyManifest Read(params IEnumerable<string> files)
    {
        var manifest = new DependencyManifest();
        foreach (var file in files.Where(File.Exists))
        {
            try
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(file));
                manifest.Add(document.RootElement);
            }
            catch (JsonException)
            {
                // Somebody else's file in our way; the references of the assemblies themselves remain.
            }
        }

        return manifest;
    }

    /// <summary>The simple names of the libraries that bring the given assemblies, and of all that those depend on.</summary>
    public IEnumerable<string> ClosureOf(IEnumerable<string> assemblies)
    {
        var wanted = assemblies.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var open = new Stack<string>(_libraries.Where(pair => pair.Value.Assemblies.Overlaps(wanted)).Select(pair => pair.Key));
        var seen = new HashSet<string>(open, StringComparer.OrdinalIgnoreCase);
        while (open.TryPop(out var name))
        {
            if (!_libraries.TryGetValue(name, out var library))
            {
                continue;
            }

            foreach (var assembly in library.Assemblies)
            {
                yield return assembly;
            }

            foreach (var dependency in library.DependsOn.Where(seen.Add))
            {
                open.Push(dependency);
            }
        }
    }

    /// <summary>Whether a NuGet package brought the assembly; false for the program's own projects and for what is not listed.</summary>
    public bool IsFromPackage(string simpleName) =>
        _libraries.Values.Any(library => library.Kind == "package" && library.Assemblies.Contains(simpleName));

    private void Add(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("targets", out var targets))
        {
            return;
        }

        root.TryGetProperty("libraries", out var kinds);
        foreach (var library in targets.EnumerateObject().SelectMany(target => target.Value.EnumerateObject()))
        {
            // "Name/1.2.3": a program has one version of a library.
            var name = library.Name.Split('/')[0];
            var kind = kinds.ValueKind == JsonValueKind.Object && kinds.TryGetProperty(library.Name, out var entry)
                && entry.TryGetProperty("type", out var type) ? type.GetString() ?? "" : "";
            if (!_libraries.TryGetValue(name, out var known))
            {
                _libraries[name] = known = new Library(kind, new HashSet<string>(StringComparer.OrdinalIgnoreCase), []);
            }

            known.Assemblies.UnionWith(Names(library.Value, "runtime").Concat(Names(library.Value, "runtimeTargets"))
                .Where(file => file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
                .Select(file => Path.GetFileNameWithoutExtension(file)));
            known.DependsOn.AddRange(Names(library.Value, "dependencies"));
        }
    }

    private static IEnumerable<string> Names(JsonElement library, string property) =>
        library.TryGetProperty(property, out var value) ? value.EnumerateObject().Select(item => item.Name) : [];
}
