using MicroSpark.Files;

namespace MicroSpark.Plans;

/// <summary>How far a loop is. Written by the loop, read when an element's function throws, and to stop it.</summary>
internal sealed class TaskProgress(CancellationToken cancellation)
{
    /// <summary>
    /// Position of the current element in the partition's source, or among the words when the loop reads <see cref="Words"/>.
    /// </summary>
    public long Index;

    /// <summary>What the loop reads instead of lines.</summary>
    public WordReader? Words;

    /// <summary>Position of the first element of the run that a loop is handed.</summary>
    public long Base;

    /// <summary>The operator at work, by its place in the chain; -1 before the first.</summary>
    public int Operator = -1;

    /// <summary>Position of the current element in the partition's source.</summary>
    public long SourceIndex => Words?.LineOf(Index) ?? Index;

    public void ThrowIfCancelled() => cancellation.ThrowIfCancellationRequested();
}
