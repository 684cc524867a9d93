namespace MicroSpark.Grains.Records;

// The numbers of a job's record: docs/grain-contracts.txt lists them. A number is given once and never again, and none is 0.

/// <summary>Marks the numbers of fields that lie at keepers of records, which may be of another build.</summary>
[AttributeUsage(AttributeTargets.Enum)]
internal sealed class RecordedFieldsAttribute : Attribute;

/// <summary>The entries of a record's log. Of fields that are told once, the last one counts.</summary>
[RecordedFields]
internal enum LogField : byte
{
    Submission = 1,

    /// <summary>A worker that later entries name by its index.</summary>
    Worker = 2,
    Committed = 3,
    Lost = 4,
    Content = 5,
    Error = 6,
}

[RecordedFields]
internal enum LogWorkerField : byte
{
    Index = 1,
    Id = 2,
}

/// <summary>A partition's result that counts from here on; a later one of the partition replaces it.</summary>
[RecordedFields]
internal enum CommitField : byte
{
    Partition = 1,
    Attempt = 2,
    Worker = 3,
    Bytes = 4,
    Fingerprint = 5,
    Counts = 6,
    Inline = 7,
}

/// <summary>A result that does not count any more, unless it is another attempt's by now.</summary>
[RecordedFields]
internal enum LostField : byte
{
    Partition = 1,
    Attempt = 2,
}

[RecordedFields]
internal enum ContentField : byte
{
    Lineage = 1,
    Content = 2,
}

/// <summary>What lists of jobs show: the record's head, which goes with each write and replaces the one before.</summary>
[RecordedFields]
internal enum HeadField : byte
{
    Job = 1,
    Context = 2,
    Name = 3,
    Group = 4,
    Phase = 5,
    StagesDone = 6,
    StagesTotal = 7,
    TasksDone = 8,
    TasksTotal = 9,
    Started = 10,
    Ended = 11,
    Error = 12,
    Traffic = 13,
    Result = 14,
    Owner = 15,
}

[RecordedFields]
internal enum TrafficField : byte
{
    Input = 1,
    ShuffleRead = 2,
    RemoteRead = 3,
    ShuffleWritten = 4,
    Spilled = 5,
    ReadRecords = 6,
}

[RecordedFields]
internal enum ShapeField : byte
{
    Type = 1,
    Identity = 2,
    Joined = 3,
}

[RecordedFields]
internal enum SubmissionField : byte
{
    Job = 1,
    Context = 2,
    Name = 3,
    Group = 4,
    Plan = 5,
    Partitions = 6,
    Policy = 7,
    Repeated = 8,
    Counting = 9,
    Result = 10,
    Timeout = 11,
    Awaited = 12,
    Sources = 13,
    Owner = 14,
}

[RecordedFields]
internal enum PlanField : byte
{
    Name = 1,
    Inline = 2,
    Holder = 3,
    Protocol = 4,
    Gone = 5,
}

[RecordedFields]
internal enum PolicyField : byte
{
    MaxTaskFailures = 1,
    Speculation = 2,
    MaxResultSize = 3,
    Share = 4,
    MaxWorkerDeaths = 5,
    NoWorkerTimeout = 6,
    SparesOwner = 7,
}

[RecordedFields]
internal enum ShareField : byte
{
    Application = 1,
    Group = 2,
    Weight = 3,
    Submitted = 4,
}

[RecordedFields]
internal enum ErrorField : byte
{
    Message = 1,
    Stage = 2,
    Operator = 3,
    Partition = 4,
    Attempt = 5,
    Worker = 6,
    Failure = 7,
    Unavailable = 8,
}

[RecordedFields]
internal enum FailureField : byte
{
    TypeName = 1,
    Message = 2,
    StackTrace = 3,
    Operator = 4,
    Function = 5,
    ElementIndex = 6,
    CanRetry = 7,
    EncodedException = 8,
    Inner = 9,
}
