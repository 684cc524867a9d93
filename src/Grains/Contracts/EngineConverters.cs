using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Contracts;

// How Core's engine records cross silos; see IdConverters.cs.

[GenerateSerializer, Immutable, Alias("microspark.PlanRef")]
internal struct PlanRefSurrogate
{
    [Id(0)]
    public BlobName Name;

    [Id(1)]
    public byte[]? Inline;

    [Id(2)]
    public WorkerId[] Holders;

    [Id(3)]
    public ProtocolNumber Protocol;

    [Id(4)]
    public string? Owner;

    [Id(5)]
    public BlobName[]? Gone;
}

[RegisterConverter]
internal sealed class PlanRefConverter : IConverter<PlanRef, PlanRefSurrogate>
{
    public PlanRef ConvertFromSurrogate(in PlanRefSurrogate surrogate) =>
        new(surrogate.Name, surrogate.Inline, surrogate.Holders)
        {
            Protocol = surrogate.Protocol,
            Owner = surrogate.Owner,
            Gone = surrogate.Gone ?? [],
        };

    public PlanRefSurrogate ConvertToSurrogate(in PlanRef value) =>
        new()
        {
            Name = value.Name,
            Inline = value.Inline,
            Holders = value.Holders.ToArray(),
            Protocol = value.Protocol,
            Owner = value.Owner,
            Gone = value.Gone.Count == 0 ? null : [.. value.Gone],
        };
}

[GenerateSerializer, Immutable, Alias("microspark.TaskFailure")]
internal struct TaskFailureSurrogate
{
    [Id(0)]
    public string TypeName;

    [Id(1)]
    public string Message;

    [Id(2)]
    public string? StackTrace;

    [Id(3)]
    public string? Operator;

    [Id(4)]
    public string? Function;

    [Id(5)]
    public long? ElementIndex;

    [Id(6)]
    public bool CanRetry;

    [Id(7)]
    public byte[]? EncodedException;

    [Id(8)]
    public TaskFailure? Inner;
}

[RegisterConverter]
internal sealed class TaskFailureConverter : IConverter<TaskFailure, TaskFailureSurrogate>
{
    public TaskFailure ConvertFromSurrogate(in TaskFailureSurrogate s) =>
        new(s.TypeName, s.Message, s.StackTrace, s.Operator, s.Function, s.ElementIndex, s.CanRetry, s.EncodedException, s.Inner);

    public TaskFailureSurrogate ConvertToSurrogate(in TaskFailure value) => new()
    {
        TypeName = value.TypeName,
        Message = value.Message,
        StackTrace = value.StackTrace,
        Operator = value.Operator,
        Function = value.Function,
        ElementIndex = value.ElementIndex,
        CanRetry = value.CanRetry,
        EncodedException = value.EncodedException,
        Inner = value.Inner,
    };
}

[GenerateSerializer, Immutable, Alias("microspark.BlockPart")]
internal struct BlockPartSurrogate
{
    [Id(0)]
    public int Partition;

    [Id(1)]
    public AttemptId Attempt;
}

[RegisterConverter]
internal sealed class BlockPartConverter : IConverter<BlockPart, BlockPartSurrogate>
{
    public BlockPart ConvertFromSurrogate(in BlockPartSurrogate surrogate) => new(surrogate.Partition, surrogate.Attempt);

    public BlockPartSurrogate ConvertToSurrogate(in BlockPart value) => new() { Partition = value.Partition, Attempt = value.Attempt };
}

[GenerateSerializer, Immutable, Alias("microspark.TaskTraffic")]
internal struct TaskTrafficSurrogate
{
    [Id(0)]
    public long Input;

    [Id(1)]
    public long ShuffleRead;

    [Id(2)]
    public long RemoteRead;

    [Id(3)]
    public long ShuffleWritten;

    [Id(4)]
    public long Spilled;

    [Id(5)]
    public long ReadRecords;
}

[RegisterConverter]
internal sealed class TaskTrafficConverter : IConverter<TaskTraffic, TaskTrafficSurrogate>
{
    public TaskTraffic ConvertFromSurrogate(in TaskTrafficSurrogate s) =>
        new(s.Input, s.ShuffleRead, s.RemoteRead, s.ShuffleWritten, s.Spilled, s.ReadRecords);

    public TaskTrafficSurrogate ConvertToSurrogate(in TaskTraffic value) => new()
    {
        Input = value.Input,
        ShuffleRead = value.ShuffleRead,
        RemoteRead = value.RemoteRead,
        ShuffleWritten = value.ShuffleWritten,
        Spilled = value.Spilled,
        ReadRecords = value.ReadRecords,
    };
}
