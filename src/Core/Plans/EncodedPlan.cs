using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Plans;

/// <summary>
/// A plan as it travels: header, skeleton, the assemblies and the data it needs, its type table, and each node's kind, type arguments and
/// arguments.
/// </summary>
/// <param name="Bytes">Read by <see cref="ReadSkeleton"/> (grains) and, whole, by a worker (<see cref="Plan.Decode"/>).</param>
/// <param name="Blobs">Content to be pushed to two silos before the plan is submitted, with a way to make its bytes when a silo lacks
/// them.</param>
internal sealed record EncodedPlan(byte[] Bytes, IReadOnlyList<PlanBlob> Blobs)
{
    private const int IdBytes = 32;

    /// <summary>
    /// The recipe of the plan. Silos of this process take Parallelize's elements by reference, and may ask for them until the job has
    /// ended. So the runner of the plan holds the recipe until then.
    /// </summary>
    public PlanNode? Root { get; init; }

    /// <summary>The client's time zone, and whether it matters to the plan.</summary>
    public required PlanZone Zone { get; init; }

    /// <summary>Kept outputs whose tasks may add to accumulators.</summary>
    public IReadOnlyList<LineageId> Counting { get; init; } = [];

    /// <summary>The shuffles in the plan: their outputs stay at the workers after the job.</summary>
    public IReadOnlyList<PlanNode> Outputs { get; init; } = [];

    /// <summary>Recipes in the plan that are to be checkpointed once it has run, parents first.</summary>
    public IReadOnlyList<CheckpointMark> Checkpoints { get; init; } = [];

    /// <summary>The lambdas of the plan, by node: where they stand in the source is told to people.</summary>
    public IReadOnlyList<PlanLambda> Methods { get; init; } = [];

    /// <summary>The plan's skeleton, of any build; reads nothing that needs a user type.</summary>
    /// <param name="owner">Whose plan it is: see <see cref="Tasks.PlanRef.Owner"/>.</param>
    public static PlanSkeleton ReadSkeleton(ReadOnlyMemory<byte> bytes, string? owner = null)
    {
        var reader = new PlanReader(bytes, [], CodeSpace.Process);
        reader.Bytes();
        return SkeletonCodec.Read(reader.Bytes()).KeptFor(owner);
    }

    /// <summary>All blobs that tasks of the plan may ask for: its assemblies, and data that lambdas captured or the program gave.</summary>
    public static BlobName[] ReadBlobs(ReadOnlyMemory<byte> bytes)
    {
        var reader = new PlanReader(bytes, [], CodeSpace.Process);
        reader.Bytes();
        reader.Bytes();
        return ReadBlobs(reader);
    }

    /// <summary>The same, from a reader that is behind the skeleton.</summary>
    public static BlobName[] ReadBlobs(PlanReader reader)
    {
        var blobs = new List<BlobName>();
        for (var count = reader.Count(2 * IdBytes); count > 0; count--)
        {
            reader.Lineage();
            blobs.Add(reader.Blob());
        }

        for (var count = reader.Count(IdBytes); count > 0; count--)
        {
            blobs.Add(reader.Blob());
        }

        return [.. blobs];
    }

    /// <summary>The assemblies that a worker loads before it can decode the plan, references first.</summary>
    public static IReadOnlyList<(AssemblyId Assembly, BlobName Blob)> ReadAssemblies(ReadOnlyMemory<byte> bytes)
    {
        var reader = new PlanReader(bytes, [], CodeSpace.Process);
        reader.Bytes();
        reader.Bytes();
        var assemblies = new (AssemblyId, BlobName)[reader.Count(2 * IdBytes)];
        for (var i = 0; i < assemblies.Length; i++)
        {
            assemblies[i] = (new AssemblyId(reader.Lineage()), reader.Blob());
        }

        return assemblies;
    }
}

/// <summary>A lambda of a plan.</summary>
/// <param name="Node">Whose it is, by its index.</param>
/// <param name="Captured">Bytes of what it captures, in the plan.</param>
internal readonly record struct PlanLambda(int Node, MethodInfo Method, long Captured);
