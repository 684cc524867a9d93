namespace MicroSpark.Model;

/// <summary>
/// Names one run of one task. Attempts of a task never share an id, also across activations of the grain that starts them, so a
/// reader that asks for (partition, attempt) never gets another run's block.
/// </summary>
internal readonly record struct AttemptId(long Value)
{
    public static AttemptId New() => new(Chance.Source.NextInt64(1, long.MaxValue));

    public override string ToString() => Value.ToString("x");
}

/// <summary>
/// Names one worker's life: the silo's address with its generation, as Orleans writes it. A restarted silo is another worker.
/// </summary>
internal readonly record struct WorkerId(string Value)
{
    public override string ToString() => Value ?? "none";
}

/// <summary>Names bytes by their SHA-256.</summary>
internal readonly record struct BlobName(LineageId Hash)
{
    public static BlobName Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(content, hash);
        return new BlobName(LineageId.FromHash(hash));
    }

    public static BlobName Parse(string text) => new(LineageId.Parse(text));

    public override string ToString() => Hash.ToString();
}

/// <summary>
/// Names a user assembly by its content: the hash of the DLL and of the AssemblyIds of all it references outside the framework and
/// MicroSpark. A changed library leaves the calling DLL bit-identical, so the DLL's own hash would not be enough.
/// </summary>
internal readonly record struct AssemblyId(LineageId Hash)
{
    public override string ToString() => Hash.ToString();
}

/// <summary>Names a stored output: one attempt of one partition of a recipe (or of a job's last stage, under the job's own id).</summary>
internal readonly record struct BlockId(LineageId Lineage, int Partition, AttemptId Attempt)
{
    public override string ToString() => $"{Lineage}/{Partition}@{Attempt}";
}
