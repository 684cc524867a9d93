namespace MicroSpark.Bench;

/// <summary>Something to measure.</summary>
internal interface IWorkload : IAsyncDisposable
{
    /// <summary>As in <c>--filter</c> and in the table.</summary>
    string Name { get; }

    /// <summary>What is measured, and where the data is when the clock starts, in a line.</summary>
    string Description { get; }

    /// <summary>What must be reached.</summary>
    IReadOnlyList<Bound> AtLeast { get; }

    /// <summary>What should be reached.</summary>
    IReadOnlyList<Bound> Goal { get; }

    /// <summary>Calls timed one by one in each run; more than 1 where a call takes a few milliseconds.</summary>
    int CallsPerRun => 1;

    /// <summary>Calls of each contender before the clock starts, for the JIT to be done with the hot loops; more when it still works then.</summary>
    int WarmUps => 3;

    /// <summary>Measured only when a filter begins so; else empty.</summary>
    string Asked => "";

    /// <summary>Makes the input, starts what is needed, and names the contenders, MicroSpark first.</summary>
    Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts);
}
