namespace MicroSpark.Bench;

/// <summary>What the command line says about a run.</summary>
/// <param name="Runs">Timed runs of each contender.</param>
/// <param name="Threads">For everyone: slots of a silo, threads of DuckDB, of PLINQ and of the hand-written loops.</param>
/// <param name="Scale">A factor on all sizes, to try things out; 1 gives the sizes of record.</param>
/// <param name="Megabytes">Size of the data that does not fit in memory, before <paramref name="Scale"/>.</param>
/// <param name="Peers">Which contenders to measure beside MicroSpark; all when empty.</param>
internal sealed record Settings(int Runs, int Threads, double Scale, int Megabytes, IReadOnlyList<string> Peers)
{
    /// <summary>Partitions of what the jobs over strings, records and dates read; null for as many as there are slots.</summary>
    public int? Partitions { get; init; }

    /// <summary>Whether to measure those jobs' largest memory too, and their loops', in processes of their own.</summary>
    public bool Memory { get; init; }

    public int Count(int full) => Math.Max(1000, (int)(full * Scale));

    public bool Measures(Contender contender) =>
        contender.Name == Contender.Ours || Peers.Count == 0 || Peers.Any(peer => contender.Name.Contains(peer, StringComparison.OrdinalIgnoreCase));
}
