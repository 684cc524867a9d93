namespace MicroSpark.Grains.Jobs;

/// <summary>
/// What time does to a job of one activation: it may take too long, or be left by all who wanted it, and what has ended is forgotten. For
/// one thread at a time: the turns of the JobGrain.
/// </summary>
/// <param name="expire">Called when an ended job was left alone for ten minutes.</param>
internal sealed class JobTimers(IGrainBase grain, JobLife life, RecordKeeper keeper, TimeProvider time, Func<Task> expire)
{
    private static readonly TimeSpan s_retention = TimeSpan.FromMinutes(10);

    private readonly ClientLease _client = new();
    private IGrainTimer? _expiry;
    private IGrainTimer? _timeout;
    private IGrainTimer? _looks;

    /// <summary>Somebody waits for the job.</summary>
    public void Asked() => _client.Asked();

    /// <summary>
    /// Fails the job when it has not ended by its time, counted from when it was first submitted. One that is opened again because its
    /// results were lost has ended in time.
    /// </summary>
    public void Limit()
    {
        if (life.State is JobState.Running job && job.File.Submission.Timeout is { } most)
        {
            var left = job.File.Started + most - time.GetUtcNow();
            _timeout = grain.RegisterGrainTimer(
                () =>
                {
                    life.Fail(JobErrors.TimedOut(job.File.Submission, job.File.Results.Count));
                    return Task.CompletedTask;
                },
                new GrainTimerCreationOptions(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true });
        }
    }

    /// <summary>
    /// Looks after the job while it runs. One that its client awaits is over when nobody asks for it any more: it would keep slots from
    /// others, for results that nobody reads. Otherwise its keepers are told of it again. Of a task that never ends nothing else is saved
    /// by which this activation would learn of another owner, or that nobody wants the job.
    /// </summary>
    public void Watch()
    {
        _looks?.Dispose();
        _looks = grain.RegisterGrainTimer(
            () =>
            {
                if (life.State is JobState.Running { File.Submission.Awaited: true } && _client.IsOver())
                {
                    life.Cancel($"nobody has asked for it for {ClientLease.Length.TotalSeconds:0} s");
                }
                else
                {
                    keeper.Changed();
                }

                return Task.CompletedTask;
            },
            // Nobody may call a job that runs for hours: an activation that hears only of its tasks would be collected.
            new GrainTimerCreationOptions(ClientLease.Period, ClientLease.Period) { Interleave = true, KeepAlive = true });
    }

    /// <summary>From now on ten minutes, unless the job is driven again.</summary>
    public void Retain()
    {
        _expiry?.Dispose();
        _expiry = grain.RegisterGrainTimer(expire, new GrainTimerCreationOptions(s_retention, Timeout.InfiniteTimeSpan));
    }

    /// <summary>The job does not run any more.</summary>
    public void Rest()
    {
        _timeout?.Dispose();
        _looks?.Dispose();
    }
}
