using MicroSpark.Readers;

namespace MicroSpark.Plans;

/// <summary>
/// The narrow operators from a partition of a node up to the head that feeds them, opened for one task. A node reads its own input through
/// it without knowing the stage compiler, which stands above the plan. Called once for a partition, never for an element.
/// </summary>
internal interface IPipeline<T>
{
    /// <summary>Runs all elements into the sink, or until it wants no more.</summary>
    void Drive<TSink>(ref TSink sink)
        where TSink : struct, ISink<T>;

    /// <summary>
    /// <see cref="Drive"/> for sinks that take runs: without operators between, whole runs of the head go to the sink as they are.
    /// </summary>
    void DriveRuns<TSink>(ref TSink sink)
        where TSink : struct, IRunSink<T>;

    /// <summary>The elements on demand, for operators whose function takes the whole partition as a sequence.</summary>
    IEnumerable<T> Iterate();

    /// <summary>The elements in runs. An operator-free pipeline is its head.</summary>
    ChunkReader<T> AsReader();
}
