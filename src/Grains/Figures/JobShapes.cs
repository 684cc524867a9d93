namespace MicroSpark.Grains.Figures;

/// <summary>A job as lists show it.</summary>
/// <param name="State"><c>running</c>, <c>succeeded</c>, <c>failed</c> or <c>cancelled</c>; <c>unknown</c> when only its tasks are
/// known.</param>
/// <param name="Started">Unix time in milliseconds.</param>
/// <param name="Waits">What it waits for, for people; null when it goes on.</param>
/// <param name="Owner">The name of who submitted it; null when that is the cluster's own secret, or not known.</param>
/// <param name="Own">Whether the viewer may see its values: it is the viewer's own, or he administers.</param>
internal sealed record JobShape(
    string Id, string Name, string? Group, string State, double Started, double Seconds, int StagesDone, int StagesTotal, int TasksDone,
    int TasksTotal, long InputBytes, long ShuffleReadBytes, long SpilledBytes, string? Error, string? Waits, string? Owner = null,
    bool Own = true)
{
    /// <summary>As it looks to whoever may not see its values.</summary>
    public JobShape ForOthers() => this with { Error = Withheld.Of(Error, Owner), Own = false };
}

/// <summary>A job with all that its page shows, but for the stream of its tasks.</summary>
/// <param name="Tasks">Attempts that have ended and are remembered.</param>
internal sealed record JobDetail(
    JobShape Job, int Tasks, StageShape[] Stages, FailureShape[] Failures, NoteShape[] Notes, AdviceShape[] Advice);

/// <summary>One stage of one job. Sums are of the tasks that succeeded.</summary>
/// <param name="Output">What it makes, which names it.</param>
/// <param name="Parents">The outputs that it reads.</param>
/// <param name="Operators">What runs in its tasks, in the order in which elements pass.</param>
/// <param name="Sources">Lines of the user's source.</param>
/// <param name="State"><c>waiting</c>, <c>running</c>, <c>done</c> or <c>reused</c>: all its partitions were there already.</param>
/// <param name="Reused">Partitions that no task of this job made.</param>
/// <param name="Seconds">From its first task's start to its last one's end.</param>
/// <param name="TaskSeconds">Of all its tasks together.</param>
/// <param name="Time">Of its tasks, in milliseconds: least, quarter, half, three quarters, most.</param>
/// <param name="HeaviestKey">Null when no key has many values, or it is not known.</param>
/// <param name="CapturedBytes">Of the lambda that captures most, when that is much; else 0.</param>
/// <param name="CapturedAt">That lambda's line.</param>
/// <param name="Debug">Its lambdas are of a Debug build.</param>
internal sealed record StageShape(
    string Output, int Stage, string Operator, string Kind, int Partitions, string[] Parents, string[] Operators, string[] Sources,
    string State, int Tasks, int Running, int Failed, int Retries, int Copies, int Reused, double Begins, double Seconds,
    double TaskSeconds, long Records, long Bytes, long InputBytes, long ShuffleReadBytes, long RemoteReadBytes, long ShuffleWrittenBytes,
    long SpilledBytes, double[] Time, long[] TaskRecords, long[] TaskBytes, SlowestShape? Slowest, KeyShape? HeaviestKey,
    long CapturedBytes, string? CapturedAt, bool Debug)
{
    /// <summary>How it is called for people, with its number before it: the operators that run in its tasks.</summary>
    public string Name { get; init; } = "";

    /// <summary>The operator whose shuffle it writes, which is no part of its name; null of one that writes none.</summary>
    public string? Feeds { get; init; }

    /// <summary>The line of its last operator that has a lambda of the user's; null when no symbols were found.</summary>
    public string? Line { get; init; }

    /// <summary>What each of its tasks read, of files, of what is persisted and of shuffles.</summary>
    public long[] TaskReadBytes { get; init; } = [];

    /// <summary>Elements that its tasks read, of what is persisted and of shuffles.</summary>
    public long ReadRecords { get; init; }

    /// <summary>Those of each of its tasks.</summary>
    public long[] TaskReadRecords { get; init; } = [];

    /// <summary>Attempts that took longest, the longest first: those that succeeded or failed.</summary>
    public TaskShape[] SlowestTasks { get; init; } = [];

    /// <summary>Time of its attempts that failed.</summary>
    public double FailedSeconds { get; init; }

    /// <inheritdoc cref="JobShape.ForOthers" />
    public StageShape ForOthers(string? owner) => HeaviestKey is { } key
        ? this with { HeaviestKey = key with { Key = Withheld.From(owner), Withheld = true } } : this;
}

/// <summary>The key with the most values in one task of a stage that groups.</summary>
/// <param name="Withheld">It is not the viewer's to see.</param>
internal sealed record KeyShape(string Key, int Partition, long Values, bool Withheld = false);

/// <summary>The task that took longest.</summary>
/// <param name="Share">Of the time of all of its stage's tasks.</param>
/// <param name="ReadRecords">Of what is persisted and of shuffles.</param>
internal sealed record SlowestShape(
    int Partition, string Worker, double Seconds, long Records, long ReadBytes, double Share, long ReadRecords = 0);

/// <summary>One attempt at a task.</summary>
/// <param name="Attempt">0 for the first one.</param>
/// <param name="Lane">With the worker it names the row of the stream that has it.</param>
/// <param name="At">When it began: milliseconds after the job's start.</param>
/// <param name="Result"><c>succeeded</c> or <c>failed</c>.</param>
/// <param name="ReadBytes">Of files, of what is persisted and of shuffles.</param>
/// <param name="Bytes">Of its output.</param>
/// <param name="TimesMedian">Its time over the median of its stage's tasks; 0 when that is none.</param>
/// <param name="ReadRecords">Of what is persisted and of shuffles.</param>
internal sealed record TaskShape(
    int Partition, int Attempt, string Worker, int Lane, double At, double Seconds, string Result, long ReadBytes, long Records,
    long Bytes, double TimesMedian, long ReadRecords = 0);

/// <summary>A task that failed.</summary>
/// <param name="Attempt">0 for the first one.</param>
/// <param name="At">Milliseconds after the job's start.</param>
/// <param name="Line">Of the user's code, which threw; null when it is not known.</param>
internal sealed record FailureShape(
    int Stage, string? Operator, int Partition, int Attempt, string Worker, double At, string? Error, string? Stack, string? Line = null)
{
    /// <inheritdoc cref="JobShape.ForOthers" />
    public FailureShape ForOthers(string? owner) => this with { Error = Withheld.From(owner), Stack = null };
}

/// <summary>Why an attempt came to nothing.</summary>
/// <param name="Attempt">0 for the first one.</param>
/// <param name="Seconds">How long it had a slot; null when that is not known.</param>
/// <param name="Then">What became of the task, for people; null when it was not tried again, or that has not ended.</param>
internal sealed record NoteShape(
    int Stage, int? Partition, int? Attempt, string? Worker, string? Result, bool Again, double At, string Reason,
    double? Seconds = null, string? Then = null)
{
    /// <inheritdoc cref="JobShape.ForOthers" />
    public NoteShape ForOthers(string? owner) => this with { Reason = Withheld.From(owner) };
}

/// <summary>What to change, in plain words.</summary>
/// <param name="Kind">Which rule says so.</param>
/// <param name="Stage">Null when it is about the job.</param>
/// <param name="Source">The lines to change, the likeliest first; null when no symbols were found.</param>
/// <param name="Saves">How much shorter the job could have been, in seconds: an estimate. Null when its figures do not say.</param>
internal sealed record AdviceShape(
    string Kind, string Job, string JobName, int? Stage, string Title, string Text, string? Source, double? Saves = null);

/// <summary>A part of a job's task stream, as coarse as it can be seen.</summary>
/// <param name="From">Milliseconds after the job's start.</param>
/// <param name="Rows">One a slot: the worker and its lane.</param>
/// <param name="Stages">Outputs, which tiles name by index.</param>
/// <param name="Tiles">
/// Seven numbers each: row, start, length (milliseconds), stage, end (0 succeeded, 1 failed, 2 input lost, 3 cancelled, 255 running),
/// partition of the first task, number of tasks. Neighbours of one stage and end that are narrower than a pixel are one tile.
/// </param>
internal sealed record StreamShape(
    double From, double To, double End, StreamRow[] Rows, string[] Stages, double[] Tiles);

/// <summary>A slot.</summary>
internal sealed record StreamRow(string Worker, int Lane);
