using MicroSpark.Model;

namespace MicroSpark.Grains.Contracts;

// How Core's ids cross silos. Core knows no Orleans, so each id has a surrogate here. The ids of the fields are never renumbered.

[GenerateSerializer, Immutable, Alias("microspark.LineageId")]
internal struct LineageIdSurrogate
{
    [Id(0)]
    public UInt128 High;

    [Id(1)]
    public UInt128 Low;
}

[RegisterConverter]
internal sealed class LineageIdConverter : IConverter<LineageId, LineageIdSurrogate>
{
    public LineageId ConvertFromSurrogate(in LineageIdSurrogate surrogate) => new(surrogate.High, surrogate.Low);

    public LineageIdSurrogate ConvertToSurrogate(in LineageId value) => new() { High = value.High, Low = value.Low };
}

[GenerateSerializer, Immutable, Alias("microspark.JobId")]
internal struct JobIdSurrogate
{
    [Id(0)]
    public Guid Value;
}

[RegisterConverter]
internal sealed class JobIdConverter : IConverter<JobId, JobIdSurrogate>
{
    public JobId ConvertFromSurrogate(in JobIdSurrogate surrogate) => new(surrogate.Value);

    public JobIdSurrogate ConvertToSurrogate(in JobId value) => new() { Value = value.Value };
}

[GenerateSerializer, Immutable, Alias("microspark.AttemptId")]
internal struct AttemptIdSurrogate
{
    [Id(0)]
    public long Value;
}

[RegisterConverter]
internal sealed class AttemptIdConverter : IConverter<AttemptId, AttemptIdSurrogate>
{
    public AttemptId ConvertFromSurrogate(in AttemptIdSurrogate surrogate) => new(surrogate.Value);

    public AttemptIdSurrogate ConvertToSurrogate(in AttemptId value) => new() { Value = value.Value };
}

[GenerateSerializer, Immutable, Alias("microspark.ProtocolNumber")]
internal struct ProtocolNumberSurrogate
{
    [Id(0)]
    public int Value;
}

[RegisterConverter]
internal sealed class ProtocolNumberConverter : IConverter<ProtocolNumber, ProtocolNumberSurrogate>
{
    public ProtocolNumber ConvertFromSurrogate(in ProtocolNumberSurrogate surrogate) => new(surrogate.Value);

    public ProtocolNumberSurrogate ConvertToSurrogate(in ProtocolNumber value) => new() { Value = value.Value };
}

[GenerateSerializer, Immutable, Alias("microspark.WorkerId")]
internal struct WorkerIdSurrogate
{
    [Id(0)]
    public string Value;
}

[RegisterConverter]
internal sealed class WorkerIdConverter : IConverter<WorkerId, WorkerIdSurrogate>
{
    public WorkerId ConvertFromSurrogate(in WorkerIdSurrogate surrogate) => new(surrogate.Value);

    public WorkerIdSurrogate ConvertToSurrogate(in WorkerId value) => new() { Value = value.Value };
}

[GenerateSerializer, Immutable, Alias("microspark.AssemblyId")]
internal struct AssemblyIdSurrogate
{
    [Id(0)]
    public LineageId Hash;
}

[RegisterConverter]
internal sealed class AssemblyIdConverter : IConverter<AssemblyId, AssemblyIdSurrogate>
{
    public AssemblyId ConvertFromSurrogate(in AssemblyIdSurrogate surrogate) => new(surrogate.Hash);

    public AssemblyIdSurrogate ConvertToSurrogate(in AssemblyId value) => new() { Hash = value.Hash };
}

[GenerateSerializer, Immutable, Alias("microspark.BlobName")]
internal struct BlobNameSurrogate
{
    [Id(0)]
    public LineageId Hash;
}

[RegisterConverter]
internal sealed class BlobNameConverter : IConverter<BlobName, BlobNameSurrogate>
{
    public BlobName ConvertFromSurrogate(in BlobNameSurrogate surrogate) => new(surrogate.Hash);

    public BlobNameSurrogate ConvertToSurrogate(in BlobName value) => new() { Hash = value.Hash };
}

/// <summary>Names one batch of tasks, or one ticket at a PartitionGrain: whoever repeats a call with it starts nothing twice.</summary>
[GenerateSerializer, Immutable, Alias("microspark.BatchId")]
internal readonly record struct BatchId([property: Id(0)] Guid Value)
{
    public static BatchId New() => new(Chance.NewGuid());

    public override string ToString() => Value.ToString("N");
}

/// <summary>Names a client's context: the holder of leases.</summary>
[GenerateSerializer, Immutable, Alias("microspark.ContextId")]
internal readonly record struct ContextId([property: Id(0)] Guid Value)
{
    public static ContextId New() => new(Chance.NewGuid());

    public override string ToString() => Value.ToString("N");
}

/// <summary>Names who waits for partitions of an RDD: a job, or one computation of a child RDD.</summary>
[GenerateSerializer, Immutable, Alias("microspark.RequesterId")]
internal readonly record struct RequesterId([property: Id(0)] Guid Value)
{
    public static RequesterId New() => new(Chance.NewGuid());

    public static RequesterId Of(JobId job) => new(job.Value);

    public override string ToString() => Value.ToString("N");
}
