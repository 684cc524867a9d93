namespace MicroSpark.Plans;

/// <summary>
/// A plan as it travels. <see cref="Bytes"/> holds the skeleton, the type table and the nodes' arguments;
/// <see cref="Blobs"/> are the things it names by content: assemblies, Parallelize items, broadcasts.
/// </summary>
/// <param name="Bytes">Read by <see cref="ReadSkeleton"/> (grains) and, whole, by a worker.</param>
/// <param name="Blobs">Content to be pushed to two silos before the plan is submitted, with a way to make its bytes when a silo lacks them.</param>
internal sealed record EncodedPlan(byte[] Bytes, IReadOnlyList<PlanBlob> Blobs)
{
    /// <summary>The plan's skeleton; reads nothing that needs a user type.</summary>
    public static PlanSkeleton ReadSkeleton(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>The blobs that a worker needs before it can decode the plan.</summary>
    public static IReadOnlyList<BlobName> ReadBlobNames(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();
}

/// <summary>A named blob and how to produce its content.</summary>
internal sealed record PlanBlob(BlobName Name, Func<byte[]> Content);
