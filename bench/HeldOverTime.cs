namespace MicroSpark.Bench;

/// <summary>What processes hold, looked at again and again: what grows with time is a leak.</summary>
internal sealed class HeldOverTime(TimeSpan duration)
{
    /// <summary>What may be more late than early: caches that fill, threads of the pool.</summary>
    private const double MostGrowth = 1.25;
    private const long MoreBytes = 30 << 20;
    private const int MoreHandles = 32;
    private const int MoreThreads = 16;

    private readonly List<(TimeSpan At, IReadOnlyList<Held> All)> _samples = [];

    /// <param name="all">Always the same processes, in the same order.</param>
    public void Add(TimeSpan at, IReadOnlyList<Held> all) => _samples.Add((at, all));

    /// <summary>Medians of two parts of the time.</summary>
    /// <param name="early">Where the early part begins and ends, as shares of the whole; the first moments fill what has bounds.</param>
    /// <param name="late">Where the late part begins; it ends with the whole.</param>
    public HeldGrowth Of(int process, string name, (double From, double To) early, double late)
    {
        var (first, last) = (Of(process, early.From, early.To), Of(process, late, double.PositiveInfinity));
        return new HeldGrowth(name, first, last, first is not null && last is not null
            && (last.LiveBytes > (first.LiveBytes * MostGrowth) + MoreBytes || last.Handles > first.Handles + MoreHandles || last.Threads > first.Threads + MoreThreads));
    }

    private Held? Of(int process, double from, double to)
    {
        Held[] held = [.. _samples.Where(s => s.At >= duration * from && s.At.Ticks < duration.Ticks * to && s.All.Count > process).Select(s => s.All[process])];
        return held.Length == 0 ? null : new Held(
            held[0].Process, held[0].Started, Median(held, static h => h.LiveBytes), Median(held, static h => h.Handles), Median(held, static h => h.Threads));
    }

    private static N Median<N>(Held[] held, Func<Held, N> of) => held.Select(of).Order().ElementAt(held.Length / 2);
}

/// <param name="Early">Null when nobody looked then.</param>
internal sealed record HeldGrowth(string Name, Held? Early, Held? Late, bool Grew)
{
    public override string ToString() => Early is null || Late is null
        ? $"{Name}: not seen long enough"
        : $"{Name}: {Early.LiveBytes / 1e6:0} -> {Late.LiveBytes / 1e6:0} MB, {Early.Handles} -> {Late.Handles} handles, "
            + $"{Early.Threads} -> {Late.Threads} threads{(Grew ? ": GREW" : "")}";
}
