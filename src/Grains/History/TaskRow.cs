using System.Runtime.InteropServices;
using MicroSpark.Grains.Contracts;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.History;

/// <summary>
/// One attempt at one task that has ended: 96 bytes, no references. It travels between silos of one build as it lies in memory, which is
/// little-endian on every machine that .NET runs on.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct TaskRow
{
    /// <summary>When a slot took it: ticks of UTC, by its silo's clock.</summary>
    public long Began;

    /// <summary>Ticks. Of a task that still runs, how long so far.</summary>
    public long Took;

    public long Records;

    /// <summary>Of its output.</summary>
    public long Bytes;

    public long Input;

    public long ShuffleRead;

    public long RemoteRead;

    public long ShuffleWritten;

    public long Spilled;

    public long ReadRecords;

    /// <summary>Index in a table of stages.</summary>
    public int Stage;

    public int Partition;

    public ushort Attempt;

    /// <summary>Which of its silo's tasks at the same time it was: the lowest number that was free.</summary>
    public ushort Lane;

    /// <summary>A <see cref="TaskEnd"/>, or <see cref="Running"/>.</summary>
    public byte End;

    /// <summary>1 when it copied what another worker had computed.</summary>
    public byte Copy;

    /// <summary>It has not ended.</summary>
    public const byte Running = byte.MaxValue;

    public readonly long Ended => Began + Took;

    /// <summary>A row of what an event log says; its stage and lane are the reader's to give.</summary>
    public static TaskRow Of(TaskSpan task) => new()
    {
        Began = task.Began.UtcTicks,
        Took = task.Took.Ticks,
        Records = task.Records,
        Bytes = task.Bytes,
        Input = task.Traffic.Input,
        ShuffleRead = task.Traffic.ShuffleRead,
        RemoteRead = task.Traffic.RemoteRead,
        ShuffleWritten = task.Traffic.ShuffleWritten,
        Spilled = task.Traffic.Spilled,
        ReadRecords = task.Traffic.ReadRecords,
        Partition = task.Partition,
        Attempt = (ushort)task.AttemptNumber,
        End = (byte)task.End,
        Copy = task.Copy ? (byte)1 : (byte)0,
    };

    /// <summary>As an event log says it.</summary>
    /// <param name="error">What a row has no room for.</param>
    public readonly TaskSpan Span(string? error) => new(
        Partition, default, Attempt, new DateTimeOffset(Began, TimeSpan.Zero), new TimeSpan(Took), (TaskEnd)End, Records, Bytes,
        new TaskTraffic(Input, ShuffleRead, RemoteRead, ShuffleWritten, Spilled, ReadRecords), error, Copy != 0);
}
