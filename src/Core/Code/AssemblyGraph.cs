using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using MicroSpark.Model;

namespace MicroSpark.Code;

/// <summary>
/// The user assemblies of this process and their references. An assembly is read and hashed once, a referenced one also before the
/// runtime loads it: loading is lazy, an id is not. References that are nowhere on disk are left out, as the runtime leaves them out
/// until a method needs them.
/// </summary>
internal static class AssemblyGraph
{
    private static readonly Lock s_gate = new();
    private static readonly ConditionalWeakTable<Assembly, AssemblyImage> s_byAssembly = [];
    private static readonly Dictionary<string, AssemblyImage> s_byFile = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<AssemblyId, WeakReference<AssemblyImage>> s_byId = new();

    /// <summary>The image of a user assembly that this process loaded itself.</summary>
    /// <exception cref="AssemblyNotShippableException">It has no file and no registered bytes, or the file was rebuilt.</exception>
    public static AssemblyImage ImageOf(Assembly assembly)
    {
        // An image is entered before its references are followed, and named last: only then it may be read without the lock.
        if (s_byAssembly.TryGetValue(assembly, out var known) && known.IsNamed)
        {
            return known;
        }

        lock (s_gate)
        {
            if (s_byAssembly.TryGetValue(assembly, out known))
            {
                return known;
            }

            var added = new Dictionary<AssemblyImage, Assembly?>();
            var root = Add(assembly, added);
            Publish(added);
            return root;
        }
    }

    /// <summary>The image of an id that <see cref="ImageOf"/> has met, while its assembly lives.</summary>
    public static AssemblyImage? Find(AssemblyId id) =>
        s_byId.TryGetValue(id, out var weak) && weak.TryGetTarget(out var image) ? image : null;

    /// <summary>
    /// Whether an assembly is the program's own: one that its entry or its lambdas are of, or that those reference. Others may be loaded
    /// too, by whoever hosts the program or runs beside it.
    /// </summary>
    public static bool IsOfProgram(Assembly assembly)
    {
        if (SharedCode.Has(assembly) || !HasBytes(assembly))
        {
            return false;
        }

        if (Assembly.GetEntryAssembly() is { } entry && !SharedCode.Has(entry) && HasBytes(entry))
        {
            // Enters its references too. When it was rebuilt meanwhile, it has no id, and is the program's nevertheless.
            _ = Is(entry, default);
        }

        lock (s_gate)
        {
            return s_byAssembly.TryGetValue(assembly, out _) || s_byFile.ContainsKey(assembly.Location);
        }
    }

    /// <summary>
    /// The assembly of this process with that name and id, loaded or waiting in the program's folder; null when there is none. Copies
    /// that a <see cref="CodeSpace"/> loaded do not count: they belong to it.
    /// </summary>
    public static Assembly? FindInProcess(string simpleName, AssemblyId id)
    {
        if (Find(id)?.LoadInProcess() is { } known)
        {
            return known;
        }

        foreach (var candidate in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (candidate.GetName().Name == simpleName && Is(candidate, id))
            {
                return candidate;
            }
        }

        if (ProbePaths.Find(simpleName) is not { } path)
        {
            return null;
        }

        var waiting = Assembly.LoadFrom(path);
        return Is(waiting, id) ? waiting : null;
    }

    private static bool Is(Assembly assembly, AssemblyId id)
    {
        try
        {
            return HasBytes(assembly) && ImageOf(assembly).Id == id;
        }
        catch (AssemblyNotShippableException)
        {
            // Rebuilt since it was loaded: what runs here has no id any more.
            return false;
        }
    }

    private static bool HasBytes(Assembly assembly) =>
        AssemblyLoadContext.GetLoadContext(assembly) is not ShippedLoadContext
        && (EmittedAssemblies.Find(assembly) is not null || (!assembly.IsDynamic && File.Exists(assembly.Location)));

    private static AssemblyImage Add(Assembly assembly, Dictionary<AssemblyImage, Assembly?> added)
    {
        if (s_byAssembly.TryGetValue(assembly, out var image))
        {
            return image;
        }

        if (EmittedAssemblies.Find(assembly) is { } emitted)
        {
            image = AssemblyImage.OfEmitted(assembly, emitted);
        }
        else if (assembly.IsDynamic || assembly.Location.Length == 0)
        {
            throw AssemblyNotShippableException.NoBytes(assembly);
        }
        else if (AssemblyLoadContext.GetLoadContext(assembly) == AssemblyLoadContext.Default)
        {
            image = AddFile(assembly.Location, added);
        }
        else
        {
            image = AssemblyImage.OfLoaded(assembly, assembly.Location);
        }

        if (image.Mvid != assembly.ManifestModule.ModuleVersionId)
        {
            s_byFile.Remove(assembly.Location);
            throw AssemblyNotShippableException.Changed(image.Name, assembly.Location);
        }

        s_byAssembly.Add(assembly, image);
        added[image] = assembly;
        return image;
    }

    private static AssemblyImage AddFile(string path, Dictionary<AssemblyImage, Assembly?> added)
    {
        if (!s_byFile.TryGetValue(path, out var image))
        {
            s_byFile[path] = image = AssemblyImage.OfFile(path);
            added[image] = null;
        }

        return image;
    }

    /// <summary>Follows the references of the new images until there are no more, then names them all.</summary>
    private static void Publish(Dictionary<AssemblyImage, Assembly?> added)
    {
        var open = new Queue<AssemblyImage>(added.Keys);
        var done = new HashSet<AssemblyImage>();
        while (open.TryDequeue(out var image))
        {
            if (image.Id != default || !done.Add(image))
            {
                continue;
            }

            var context = added[image] is { } assembly
                ? AssemblyLoadContext.GetLoadContext(assembly) ?? AssemblyLoadContext.Default
                : AssemblyLoadContext.Default;
            var references = new List<AssemblyImage>();
            foreach (var name in image.ReferenceNames)
            {
                if (!SharedCode.Has(name) && Resolve(name, image, context, added) is { } reference)
                {
                    references.Add(reference);
                    open.Enqueue(reference);
                }
            }

            image.References = references;
        }

        foreach (var image in done)
        {
            image.ComputeId();
            s_byId[image.Id] = new WeakReference<AssemblyImage>(image);
        }
    }

    private static AssemblyImage? Resolve(
        string name, AssemblyImage from, AssemblyLoadContext context, Dictionary<AssemblyImage, Assembly?> added)
    {
        if (context == AssemblyLoadContext.Default)
        {
            var path = ProbePaths.Find(name) ?? ProbePaths.Beside(Path.GetDirectoryName(from.Path) ?? "", name);
            if (path is not null)
            {
                return AddFile(path, added);
            }
        }

        // Other contexts have rules of their own: only asking them tells.
        var loaded = context.Assemblies.FirstOrDefault(assembly => assembly.GetName().Name == name) ?? Ask(context, name);
        return loaded is null || SharedCode.Has(loaded) || !HasBytes(loaded) ? null : Add(loaded, added);
    }

    private static Assembly? Ask(AssemblyLoadContext context, string name)
    {
        try
        {
            return context.LoadFromAssemblyName(new AssemblyName(name));
        }
        catch (Exception error) when (error is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            return null;
        }
    }
}
