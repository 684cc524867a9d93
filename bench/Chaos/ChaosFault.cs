using MicroSpark.Tests.Contexts;

namespace MicroSpark.Bench.Chaos;

/// <summary>What is done to a cluster in the middle of a round.</summary>
internal enum FaultKind
{
    /// <summary><c>kill -9</c> of one worker.</summary>
    Kill,

    /// <summary>The same of two or more at once; one is left.</summary>
    KillMany,

    /// <summary>SIGSTOP and soon SIGCONT: before anybody may doubt it, or soon after.</summary>
    FreezeShort,

    /// <summary>SIGSTOP until the others have given the worker up.</summary>
    FreezeLong,

    /// <summary>SIGTERM: it leaves in order.</summary>
    Leave,

    /// <summary>PostgreSQL is stopped, and started again later.</summary>
    DatabaseDown,

    /// <summary>One worker's disk has no room.</summary>
    DiskFull,
}

/// <summary>One fault as it is drawn.</summary>
/// <param name="After">The moment, as a share of what a round takes that nothing disturbs.</param>
/// <param name="Victims">How many workers it meets.</param>
/// <param name="Lasts">Of one that ends by itself.</param>
internal sealed record ChaosFault(FaultKind Kind, double After, int Victims, TimeSpan Lasts)
{
    private const int Longest = 60;
    private const int Short = 5;

    /// <summary>How often each kind is drawn: the more it costs, the rarer.</summary>
    private static readonly (FaultKind Kind, int Weight)[] s_weights =
    [
        (FaultKind.Kill, 60), (FaultKind.KillMany, 10), (FaultKind.FreezeShort, 10), (FaultKind.FreezeLong, 3), (FaultKind.Leave, 8),
        (FaultKind.DatabaseDown, 3), (FaultKind.DiskFull, 6),
    ];

    /// <param name="only">The kinds that may be drawn; all when it is empty.</param>
    /// <param name="mortal">How many workers may die.</param>
    public static ChaosFault Draw(Random random, IReadOnlyCollection<FaultKind> only, int mortal)
    {
        // A worker whose disk is the machine's own would fill that.
        var weights = s_weights.Where(
            one => (only.Count == 0 || only.Contains(one.Kind)) && (one.Kind != FaultKind.DiskFull || SmallDisk.WhyNot is null)).ToArray();
        if (weights.Length == 0)
        {
            throw new InvalidOperationException($"No fault of those asked for can be made here: {SmallDisk.WhyNot}");
        }

        var drawn = random.Next(weights.Sum(static one => one.Weight));
        var kind = weights.First(one => (drawn -= one.Weight) < 0).Kind;
        return new ChaosFault(
            kind, random.NextDouble(), kind == FaultKind.KillMany ? random.Next(2, mortal + 1) : 1,
            kind switch
            {
                FaultKind.FreezeShort => TimeSpan.FromSeconds(0.2 + (random.NextDouble() * 3)),
                FaultKind.FreezeLong => TimeSpan.FromSeconds(20 + (random.NextDouble() * 10)),

                // One of four is down for long.
                FaultKind.DatabaseDown => TimeSpan.FromSeconds(1 + (random.NextDouble() * (random.Next(4) == 0 ? Longest - 1 : Short))),
                _ => TimeSpan.Zero,
            });
    }
}
