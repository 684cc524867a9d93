using System.Reflection;
using MicroSpark.Model;

namespace MicroSpark.Code;

/// <summary>Which assemblies of this process a plan sends along, in the order in which a worker can load them.</summary>
internal static class AssemblyShipping
{
    /// <summary>Describes a loaded user assembly from its file or from the bytes registered for it (emitted at a prompt).</summary>
    /// <exception cref="AssemblyNotShippableException">Its bytes are not at hand, or the file was rebuilt since it was loaded.</exception>
    public static ShippedAssembly Of(Assembly assembly) => AssemblyGraph.ImageOf(assembly).ToShipped();

    /// <summary>The assembly and all user assemblies that it references, references first.</summary>
    public static IReadOnlyList<ShippedAssembly> ClosureOf(IEnumerable<AssemblyId> roots) =>
        [.. OrderOf(roots).Select(image => image.ToShipped())];

    /// <summary>What <see cref="ClosureOf"/> gives, in the same order, as blobs: their bytes are read only by whoever lacks them.</summary>
    public static IReadOnlyList<(AssemblyId Id, PlanBlob Blob)> BlobsOf(IEnumerable<AssemblyId> roots) =>
        [.. OrderOf(roots).Select(image => (image.Id, image.Blob))];

    private static List<AssemblyImage> OrderOf(IEnumerable<AssemblyId> roots)
    {
        var order = new List<AssemblyImage>();
        var seen = new HashSet<AssemblyImage>();
        var path = new Stack<(AssemblyImage Image, int Next)>();
        foreach (var id in roots)
        {
            var root = AssemblyGraph.Find(id) ?? throw new InvalidOperationException(
                $"Assembly {id} is not one of this process, or it was unloaded: only assemblies whose id was asked here can be shipped.");
            if (seen.Add(root))
            {
                path.Push((root, 0));
            }

            // A walk with its own stack: a prompt of a thousand lines is a chain a thousand long.
            while (path.TryPop(out var top))
            {
                if (top.Next == top.Image.References.Count)
                {
                    order.Add(top.Image);
                    continue;
                }

                path.Push((top.Image, top.Next + 1));
                var reference = top.Image.References[top.Next];
                if (seen.Add(reference))
                {
                    path.Push((reference, 0));
                }
            }
        }

        return order;
    }
}
