namespace MicroSpark.Readers;

/// <summary>
/// Where a fused chain ends: a struct, so that the loop calls <see cref="Add"/> directly and the JIT keeps its fields in registers.
/// </summary>
internal interface ISink<T>
{
    /// <summary>Takes one element; false when no more are wanted.</summary>
    bool Add(T item);
}

/// <summary>A sink that takes runs of elements as well, when nothing is between it and their reader.</summary>
internal interface IRunSink<T> : ISink<T>
{
    /// <summary>The run is valid during the call.</summary>
    void AddRun(ReadOnlySpan<T> run);

    /// <summary>The run stays as it is, and belongs to others: it may be kept and read, not changed.</summary>
    void AddLasting(ReadOnlyMemory<T> run);
}

/// <summary>Marks a sink that takes all elements and shows nobody when each came: sequences may be pulled ahead of it.</summary>
internal interface ITakesAll;
