namespace MicroSpark.Grains.Figures;

/// <summary>The cluster at one moment.</summary>
/// <param name="Now">Unix time in milliseconds.</param>
/// <param name="Jobs">The newest first.</param>
internal sealed record ClusterShape(double Now, WorkerShape[] Workers, TimelineShape Timeline, JobShape[] Jobs)
{
    /// <summary>As it looks to whoever may see the values of some jobs only.</summary>
    public ClusterShape For(Func<JobShape, JobShape> look) => this with { Jobs = Array.ConvertAll(Jobs, job => look(job)) };
}

/// <summary>
/// What has changed since another moment. Lists of seconds have the last ones only: who puts them behind those from before, as many as they
/// were, has the new lists. The workers are the same ones.
/// </summary>
/// <param name="Jobs">Those that are new or have changed.</param>
/// <param name="Gone">Jobs that are listed no more.</param>
internal sealed record ClusterChange(double Now, WorkerShape[] Workers, TimelineShape Timeline, JobShape[] Jobs, string[] Gone)
{
    /// <summary>Seconds before the last one that may still change.</summary>
    private const int Late = 3;

    /// <summary>Null when all is to be told again: the workers are others, or so much time has passed.</summary>
    public static ClusterChange? Of(ClusterShape before, ClusterShape now)
    {
        var length = now.Timeline.Busy.Length;
        var tail = now.Timeline.From - before.Timeline.From + Late;
        if (tail < Late || tail > length
            || !before.Workers.Select(static one => one.Id).SequenceEqual(now.Workers.Select(static one => one.Id)))
        {
            return null;
        }

        var cut = length - (int)tail;
        var known = before.Jobs.ToDictionary(static job => job.Id);
        var timeline = now.Timeline;
        return new ClusterChange(
            now.Now,
            Array.ConvertAll(now.Workers, worker => worker with { Busy = worker.Busy[cut..], Remote = worker.Remote[cut..] }),
            new TimelineShape(
                timeline.From + cut, timeline.Busy[cut..], timeline.Tasks[cut..], timeline.Failed[cut..], timeline.Input[cut..],
                timeline.Shuffled[cut..], timeline.Spilled[cut..]),
            Array.FindAll(now.Jobs, job => known.GetValueOrDefault(job.Id) != job),
            [.. known.Keys.Except(now.Jobs.Select(static job => job.Id))]);
    }

    /// <inheritdoc cref="ClusterShape.For" />
    public ClusterChange For(Func<JobShape, JobShape> look) => this with { Jobs = Array.ConvertAll(Jobs, job => look(job)) };
}

/// <summary>A worker.</summary>
/// <param name="MemoryUsed">Bytes of the blocks that it holds.</param>
/// <param name="HeapBytes">Of its process.</param>
/// <param name="Collecting">Percent of its process's time that went into collecting garbage.</param>
/// <param name="WorkingBytes">What its running tasks hold.</param>
/// <param name="Busy">Slots that had a task, in each of the timeline's seconds.</param>
/// <param name="Remote">Bytes that its tasks read from other processes, in each of those seconds.</param>
internal sealed record WorkerShape(
    string Id, string Name, string Address, int Slots, int SlotsBusy, int GivenUp, long MemoryUsed, long MemoryBudget, long HeapBytes,
    double Collecting, long WorkingBytes, double[] Busy, long[] Remote);

/// <summary>A line that a task said.</summary>
/// <param name="At">Unix time in milliseconds, by the worker's clock.</param>
/// <param name="Level">As logs name it.</param>
internal sealed record LineShape(double At, string Job, int Stage, int Partition, int Attempt, string Level, string? Category, string Text)
{
    /// <inheritdoc cref="JobShape.ForOthers" />
    public LineShape ForOthers(string? owner) => this with { Category = null, Text = Withheld.From(owner) };
}

/// <summary>The last seconds, of all workers together; equally long lists.</summary>
/// <param name="From">The Unix second of the first.</param>
internal sealed record TimelineShape(long From, double[] Busy, int[] Tasks, int[] Failed, long[] Input, long[] Shuffled, long[] Spilled);

/// <summary>A persisted RDD.</summary>
/// <param name="Holders">Contexts whose programs hold it; empty texts of those that are not the viewer's.</param>
/// <param name="Own">Whether a program of the viewer's holds it, or the viewer administers.</param>
internal sealed record DatasetShape(
    string Lineage, string Name, string Level, int Partitions, int Cached, long MemoryBytes, long DiskBytes, PartShape[] Workers,
    string[] Holders, bool Own = true);

/// <summary>What one worker has of a persisted RDD.</summary>
internal sealed record PartShape(string Worker, int Partitions, long MemoryBytes, long DiskBytes);
