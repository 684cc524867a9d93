using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace MicroSpark.Code;

/// <summary>
/// What every silo has without being sent it: the shared framework, MicroSpark's three assemblies and the packages that they bring.
/// All of it is told by simple name, so that an app-local copy of a framework library counts as the framework too.
/// </summary>
internal static class SharedCode
{
    private static readonly string[] s_microSpark = ["MicroSpark.Core", "MicroSpark.Grains", "MicroSpark"];
    private static readonly FrozenSet<string> s_framework = FrameworkNames();
    private static readonly FrozenSet<string> s_names = AllNames();

    // An assembly's name is made anew each time it is asked for.
    private static readonly ConditionalWeakTable<Assembly, object> s_known = [];

    /// <summary>Whether every silo has an assembly of this name, so that it is named and never shipped.</summary>
    public static bool Has(string simpleName) => s_names.Contains(simpleName);

    /// <inheritdoc cref="Has(string)" />
    public static bool Has(Assembly assembly) =>
        (bool)s_known.GetValue(assembly, static assembly => s_names.Contains(assembly.GetName().Name ?? ""));

    public static bool IsMicroSpark(Assembly assembly) => s_microSpark.Contains(assembly.GetName().Name);

    private static FrozenSet<string> FrameworkNames()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location) ?? "";
        AddFolder(runtime, names);

        // dotnet/shared/Microsoft.NETCore.App/10.0.1 and dotnet/shared/Microsoft.AspNetCore.App/10.0.1; their patch versions may differ.
        var shared = Path.GetDirectoryName(Path.GetDirectoryName(runtime));
        if (Path.GetFileName(shared) == "shared")
        {
            var aspNet = Path.Combine(shared!, "Microsoft.AspNetCore.App");
            foreach (var version in Directory.Exists(aspNet) ? Directory.GetDirectories(aspNet, $"{Environment.Version.Major}.*") : [])
            {
                AddFolder(version, names);
            }
        }

        return names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    private static void AddFolder(string folder, HashSet<string> names)
    {
        // A self-contained program has the framework between its own files: there only the manifest tells which is which.
        var mixed = string.Equals(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), folder, StringComparison.Ordinal);
        if (mixed)
        {
            names.UnionWith(DependencyManifest.OfProcess.RuntimePack);
        }
        else if (Directory.Exists(folder))
        {
            names.UnionWith(Directory.EnumerateFiles(folder, "*.dll").Select(file => Path.GetFileNameWithoutExtension(file)));
        }
    }

    private static FrozenSet<string> AllNames()
    {
        var names = new HashSet<string>(s_framework, StringComparer.OrdinalIgnoreCase);
        names.UnionWith(s_microSpark);

        // The manifest is asked first: a library used by reflection alone (a database driver) leaves no reference behind.
        var before = names.Count;
        names.UnionWith(DependencyManifest.OfProcess.ClosureOf(s_microSpark));
        if (names.Count == before)
        {
            AddReferences(names);
        }

        return names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    private static void AddReferences(HashSet<string> names)
    {
        var folder = Path.GetDirectoryName(typeof(SharedCode).Assembly.Location) ?? "";
        var open = new Stack<string>(s_microSpark);
        while (open.TryPop(out var name))
        {
            var path = ProbePaths.Find(name) ?? ProbePaths.Beside(folder, name);
            if (path is null)
            {
                continue;
            }

            using var image = new PEReader(File.OpenRead(path));
            var metadata = image.GetMetadataReader();
            foreach (var handle in metadata.AssemblyReferences)
            {
                var reference = metadata.GetString(metadata.GetAssemblyReference(handle).Name);
                if (names.Add(reference))
                {
                    open.Push(reference);
                }
            }
        }
    }
}
