using MicroSpark.Memory;

namespace MicroSpark.Tasks;

/// <summary>
/// The elements of a job's results, by partition, as frames, brought as they are asked for. When a result is lost and computed again, its
/// stream goes on where it was. Disposing it drops the results where they lie. Used by one thread at a time.
/// </summary>
internal abstract class ResultStream : IAsyncDisposable
{
    /// <summary>How many of the partitions that were asked for it has: the first ones, or all.</summary>
    public abstract int Partitions { get; }

    public FrameHeader Header { get; protected set; }

    /// <summary>The present frame's bytes, its checksum already verified. Valid until the next frame is asked for.</summary>
    public ReadOnlyMemory<byte> Payload { get; protected set; }

    /// <summary>
    /// How many of the frame's first elements were in an earlier one: a result that is computed again may have its frames end elsewhere.
    /// </summary>
    public int Known { get; protected set; }

    /// <summary>Goes to the next frame; false at the end.</summary>
    /// <exception cref="JobFailedException">The result was lost, and computing it again failed or gave other elements.</exception>
    public abstract ValueTask<bool> NextAsync();

    public abstract ValueTask DisposeAsync();
}
