namespace MicroSpark.Bench;

/// <summary>One way to do a workload's work.</summary>
/// <param name="Run">Does it once; returns the answer as text, which must be that of every other contender.</param>
internal sealed record Contender(string Name, Func<Task<string>> Run)
{
    /// <summary>The contender that the others are compared with.</summary>
    public const string Ours = "MicroSpark";

    public const string Interpreted = "interpreted";
    public const string HandWritten = "hand-written";
    public const string Plinq = "PLINQ";
}

/// <summary>Something to measure.</summary>
internal interface IWorkload : IAsyncDisposable
{
    /// <summary>As in <c>--filter</c> and in the table.</summary>
    string Name { get; }

    /// <summary>What is measured, in a line.</summary>
    string Description { get; }

    /// <summary>Calls timed one by one in each run; more than 1 where a call takes a few milliseconds.</summary>
    int CallsPerRun => 1;

    /// <summary>Makes the input, starts what is needed, and names the contenders, MicroSpark first.</summary>
    Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts);
}
