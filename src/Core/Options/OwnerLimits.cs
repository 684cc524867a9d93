namespace MicroSpark.Options;

/// <summary>What one name may have at each worker, as its entry in <see cref="MicroSparkOptions.Secrets"/> says. Null: no limit.</summary>
/// <param name="Setting">The entry, as errors name it: <c>MicroSpark:Secrets:0</c>.</param>
internal sealed record OwnerLimits(string Name, string Setting)
{
    /// <inheritdoc cref="SecretOptions.MaxJobs" />
    public int? Jobs { get; init; }

    /// <inheritdoc cref="SecretOptions.MaxUploads" />
    public long? Uploads { get; init; }

    /// <inheritdoc cref="SecretOptions.MaxMemory" />
    public long? Memory { get; init; }

    /// <inheritdoc cref="SecretOptions.MaxSpill" />
    public long? Spill { get; init; }

    /// <summary>Of all that have an entry, in its order.</summary>
    public static OwnerLimits[] Of(MicroSparkOptions options) =>
    [
        .. options.Secrets.Select(static (named, i) => new OwnerLimits(named.Name, $"MicroSpark:Secrets:{i}")
        {
            Jobs = named.MaxJobs,
            Uploads = Size(named.MaxUploads),
            Memory = Size(named.MaxMemory),
            Spill = Size(named.MaxSpill),
        }),
    ];

    private static long? Size(string? text) => text is not null && ByteSize.TryParse(text, out var bytes) ? bytes : null;
}
