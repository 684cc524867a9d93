using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Code;

/// <summary>
/// The images of assemblies that have no file: a prompt compiles each line in memory and registers the bytes here, so that lambdas
/// of that line can be shipped. Nothing here keeps an assembly alive.
/// </summary>
internal static class EmittedAssemblies
{
    private static readonly ConditionalWeakTable<Assembly, Emitted> s_images = [];

    /// <summary>The bytes of one emitted assembly.</summary>
    public sealed record Emitted(byte[] Image, byte[]? Symbols);

    /// <summary>
    /// Tells from which bytes an in-memory assembly was loaded. A second registration of the same assembly replaces the first.
    /// </summary>
    public static void Register(Assembly assembly, byte[] image, byte[]? pdb)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(image);
        s_images.AddOrUpdate(assembly, new Emitted(image, pdb));
    }

    public static Emitted? Find(Assembly assembly) => s_images.TryGetValue(assembly, out var found) ? found : null;
}
