namespace MicroSpark.Tasks;

/// <summary>What one task, or many together, read and wrote: bytes, where nothing else is said.</summary>
/// <param name="Input">Read of files, as they lie there, and of persisted partitions.</param>
/// <param name="ShuffleRead">Read of shuffles' outputs, wherever they were.</param>
/// <param name="RemoteRead">The part of what was read that other processes sent, as frames.</param>
/// <param name="ShuffleWritten">The tasks' outputs for reducers, in memory and on disk.</param>
/// <param name="Spilled">Written to disk because it did not fit in memory.</param>
/// <param name="ReadRecords">Elements read of shuffles' outputs and of persisted partitions; what lies in files is not counted.</param>
internal readonly record struct TaskTraffic(
    long Input, long ShuffleRead, long RemoteRead, long ShuffleWritten, long Spilled, long ReadRecords = 0)
{
    public static TaskTraffic operator +(TaskTraffic a, TaskTraffic b) => new(
        a.Input + b.Input, a.ShuffleRead + b.ShuffleRead, a.RemoteRead + b.RemoteRead, a.ShuffleWritten + b.ShuffleWritten,
        a.Spilled + b.Spilled, a.ReadRecords + b.ReadRecords);
}

/// <summary>
/// What a running task has read so far. Written by one thread at a time, once for each run of elements or piece of a file.
/// </summary>
internal sealed class TaskCounters
{
    /// <inheritdoc cref="TaskTraffic.Input"/>
    public long Input { get; set; }

    /// <inheritdoc cref="TaskTraffic.ShuffleRead"/>
    public long ShuffleRead { get; set; }

    /// <inheritdoc cref="TaskTraffic.RemoteRead"/>
    public long RemoteRead { get; set; }

    /// <inheritdoc cref="TaskTraffic.ReadRecords"/>
    public long ReadRecords { get; private set; }

    /// <param name="shuffle">Whether it was a shuffle's output, or a file or persisted partition.</param>
    /// <param name="records">Elements; 0 of a file.</param>
    public void Read(bool shuffle, long bytes, long records)
    {
        ReadRecords += records;
        if (shuffle)
        {
            ShuffleRead += bytes;
        }
        else
        {
            Input += bytes;
        }
    }
}
