namespace MicroSpark.Bench;

/// <summary>One way to do a workload's work.</summary>
/// <param name="Run">Does it once, on the clock; returns the answer, which must be that of every other contender.</param>
internal sealed record Contender(string Name, Func<Task<Outcome>> Run)
{
    /// <summary>The contender that the others are compared with.</summary>
    public const string Ours = "MicroSpark";

    public const string HandWritten = "hand-written";
    public const string Plinq = "PLINQ";
    public const string DuckDb = "DuckDB";
    public const string Interpreted = "interpreted";

    /// <summary>The least time that is possible, computed and not measured.</summary>
    public const string Ideal = "ideal";

    /// <summary>Off the clock, before each run: a context without the blocks of the run before, the input's RDD.</summary>
    public Func<Task>? Before { get; init; }

    /// <summary>Off the clock, after each run whose result stays where it is: what to compare. Takes the place of the run's answer.</summary>
    public Func<Task<string>>? Check { get; init; }

    /// <summary>How long the JIT of other processes that the contender works in has worked until now, in all; null when there are none.</summary>
    public Func<Task<TimeSpan>>? CompilingElsewhere { get; init; }

    /// <summary>A contender that computes on the caller's threads.</summary>
    public static Contender Of(string name, Func<string> run) => new(name, () => Task.FromResult<Outcome>(run()));

    public static Contender IdealOf(string answer, TimeSpan time) => new(Ideal, () => Task.FromResult(new Outcome(answer, time, Cpu: TimeSpan.Zero)));
}

/// <summary>What one run came to.</summary>
/// <param name="Answer">As text, to be compared.</param>
/// <param name="Elapsed">Set by contenders that keep the time themselves, because they run in another process.</param>
/// <param name="PeakMegabytes">The largest memory that the process held, where the contender had a process of its own.</param>
/// <param name="Cpu">Processor time, where <paramref name="Elapsed"/> is set.</param>
/// <param name="Note">What else is worth knowing of a run, for the table.</param>
internal sealed record Outcome(
    string Answer, TimeSpan? Elapsed = null, double? PeakMegabytes = null, TimeSpan? Cpu = null, string? Note = null)
{
    public static implicit operator Outcome(string answer) => new(answer);
}
