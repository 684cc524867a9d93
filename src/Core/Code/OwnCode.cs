using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Code;

/// <summary>
/// Tells the user's own projects from the packages they use. A package's static caches are its own business; the rule about static
/// fields is for code that its author can change.
/// </summary>
internal static class OwnCode
{
    private static readonly ConditionalWeakTable<Assembly, object> s_answers = [];
    private static readonly ConcurrentDictionary<string, DependencyManifest> s_manifests = new(StringComparer.Ordinal);

    public static bool Is(Assembly assembly) => (bool)s_answers.GetValue(assembly, static assembly => Decide(assembly));

    private static bool Decide(Assembly assembly)
    {
        var name = assembly.GetName().Name ?? "";
        if (SharedCode.Has(name) || DependencyManifest.OfProcess.IsFromPackage(name))
        {
            return false;
        }

        // A program given to `submit` brings its manifest in its own folder.
        var folder = assembly.IsDynamic ? null : Path.GetDirectoryName(assembly.Location);
        return string.IsNullOrEmpty(folder)
            || !s_manifests.GetOrAdd(folder, static folder => DependencyManifest.Read(Directory.EnumerateFiles(folder, "*.deps.json")))
                .IsFromPackage(name);
    }
}
