using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// What the page shows, asked of the cluster's silos. All viewers share one answer: the silos are asked at most five times a second, and
/// not at all while nobody looks.
/// </summary>
/// <param name="pool">Resolved late: the page starts before the silo's grains do.</param>
internal sealed class ClusterFeed(Func<IWorkerPool> pool, Func<IGrainFactory> grains, TimeProvider time)
{
    /// <summary>Seconds that the overview shows.</summary>
    public const int Seconds = 180;

    /// <summary>How old an answer may be that is given again.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(200);

    private const int MostJobs = 2000;
    private const int ListedJobs = 50;
    private const int MostAsked = 50;

    private readonly SemaphoreSlim _asking = new(1);
    private readonly Dictionary<JobId, JobSummary> _jobs = [];
    private readonly Dictionary<WorkerId, long> _versions = [];
    private ClusterShape? _last;
    private byte[]? _json;
    private long _asked;

    public TimeProvider Time => time;

    /// <summary>The cluster now.</summary>
    public async Task<ClusterShape> ClusterAsync()
    {
        await _asking.WaitAsync();
        try
        {
            if (_last is null || time.GetElapsedTime(_asked) >= s_fresh)
            {
                (_last, _json) = (await AskAsync(), null);
                _asked = time.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>The same as JSON, written once for all viewers.</summary>
    public async Task<(ClusterShape Cluster, byte[] Json)> ClusterJsonAsync()
    {
        var cluster = await ClusterAsync();
        await _asking.WaitAsync();
        try
        {
            // Somebody may have asked again meanwhile: the newer one is as good.
            cluster = _last ?? cluster;
            return (cluster, _json ??= UiJson.Of(cluster));
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>The newest jobs that are remembered, the newest first.</summary>
    public async Task<JobShape[]> JobsAsync()
    {
        await ClusterAsync();
        await _asking.WaitAsync();
        try
        {
            return ListOf(MostJobs);
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Brings what is known of a job up to date; false when nobody knows it.</summary>
    public async Task<bool> UpdateAsync(JobRecording job)
    {
        var live = await pool().LiveAsync();
        foreach (var gone in job.Workers.Where(part => !live.Any(worker => worker.Id == part.Worker)))
        {
            job.Lose(gone.Worker);
        }

        var pages = await Task.WhenAll(live.Select(worker => PagesAsync(worker.Id, job.Job, job.PartOf(worker.Id).Next)));
        foreach (var page in pages.SelectMany(static one => one))
        {
            job.Add(page);
        }

        // What a job did not need was not asked for: the grain of one that is running knows how far it is.
        if (job.Summary is null or { Phase: JobPhase.Running } && await StatusAsync(job.Job) is { } status)
        {
            job.Summary = status;
        }

        return job.Summary is not null || job.Count > 0;
    }

    /// <summary>The slots of all workers, as they were last told.</summary>
    public int Slots => Math.Max(1, _last?.Workers.Sum(static worker => worker.Slots) ?? 1);

    /// <summary>What is persisted.</summary>
    public async Task<DatasetShape[]> DatasetsAsync()
    {
        var live = await pool().LiveAsync();
        var answers = await Task.WhenAll(live.Select(worker => TryAsync(() => KeptAtAsync(worker.Id))));
        var rdds = answers.OfType<(WorkerId Worker, List<KeptRdd> Kept, HeldRdd[] Held)?>().Select(static one => one!.Value).ToArray();
        var holders = rdds.SelectMany(static one => one.Held).ToLookup(static one => one.Lineage, static one => one.Holders);
        return [.. rdds.SelectMany(static one => one.Kept.Select(kept => (one.Worker, Kept: kept)))
            .GroupBy(static one => one.Kept.Lineage)
            .Select(group => new DatasetShape(
                group.Key.ToString(), group.First().Kept.Name ?? "", StorageLevel.FromCode(group.First().Kept.StorageLevel).ToString(),
                group.First().Kept.NumPartitions,
                group.SelectMany(static one => one.Kept.Partitions.ToArray()).Distinct().Count(),
                group.Sum(static one => one.Kept.MemoryBytes), group.Sum(static one => one.Kept.DiskBytes),
                [.. group.Select(static one => new PartShape(
                    one.Worker.Value, one.Kept.Partitions.ToArray().Length, one.Kept.MemoryBytes, one.Kept.DiskBytes))],
                [.. holders[group.Key].SelectMany(static one => one).Distinct().Select(static one => one.ToString()!)]))
            .OrderByDescending(static one => one.MemoryBytes + one.DiskBytes)];
    }

    /// <summary>Stops a job's tasks; nothing happens when it has ended.</summary>
    public Task CancelAsync(JobId job) => grains().GetGrain<IJobGrain>(job.Value).CancelAsync();

    /// <summary>Drops a persisted recipe for all who hold it: whoever needs it again has it computed again.</summary>
    public async Task UnpersistAsync(LineageId lineage)
    {
        var live = await pool().LiveAsync();
        var held = await Task.WhenAll(live.Select(worker => TryAsync(() => HistoryOf(worker.Id).HeldAsync())));
        var holders = held.OfType<HeldRdd[]>().SelectMany(static one => one).Where(one => one.Lineage == lineage)
            .SelectMany(static one => one.Holders).Distinct().ToArray();
        var grain = grains().GetGrain<IRddGrain>(lineage.ToString());
        foreach (var holder in holders.DefaultIfEmpty())
        {
            await grain.UnpersistAsync(holder);
        }
    }

    private async Task<ClusterShape> AskAsync()
    {
        var live = await pool().LiveAsync();
        var answers = await Task.WhenAll(live.Select(
            worker => TryAsync(() => HistoryOf(worker.Id).PulseAsync(Seconds, _versions.GetValueOrDefault(worker.Id)))));
        var pulses = answers.OfType<Pulse>().ToArray();
        foreach (var pulse in pulses)
        {
            _versions[pulse.Worker.Id] = pulse.Version;
            foreach (var job in pulse.Jobs)
            {
                Learn(job);
            }
        }

        await FollowAsync();
        Trim();
        return new ClusterShape(
            time.GetUtcNow().ToUnixTimeMilliseconds(), [.. pulses.Select(ShapeOf)], TimelineOf(pulses), ListOf(ListedJobs));
    }

    /// <summary>The newest running jobs say how far they are. One that no grain knows any more has gone with its silo.</summary>
    private async Task FollowAsync()
    {
        JobId[] running = [.. _jobs.Values.Where(static job => job.Phase == JobPhase.Running)
            .OrderByDescending(static job => job.Started).Take(MostAsked).Select(static job => job.Job)];
        var states = await Task.WhenAll(running.Select(async job => (Job: job, Answer: await AskAsync(job))));
        foreach (var (job, (answered, state)) in states)
        {
            if (state is not null)
            {
                _jobs[job] = state;
            }
            else if (answered)
            {
                _jobs.Remove(job);
            }
        }
    }

    private void Learn(JobSummary job)
    {
        if (!_jobs.TryGetValue(job.Job, out var known) || AgeOf(job).CompareTo(AgeOf(known)) >= 0)
        {
            _jobs[job.Job] = job;
        }
    }

    private static (long, long, bool) AgeOf(JobSummary job) => (job.Epoch, job.Sequence, job.Phase != JobPhase.Running);

    private void Trim()
    {
        if (_jobs.Count <= MostJobs)
        {
            return;
        }

        foreach (var old in _jobs.Values.Where(static job => job.Phase != JobPhase.Running).OrderBy(static job => job.Started)
            .Take(_jobs.Count - MostJobs).ToArray())
        {
            _jobs.Remove(old.Job);
        }
    }

    private JobShape[] ListOf(int most)
    {
        var now = time.GetUtcNow();
        return [.. _jobs.Values.OrderByDescending(static job => job.Phase == JobPhase.Running).ThenByDescending(static job => job.Started)
            .Take(most).Select(job => JobFigures.Of(job, now))];
    }

    private static WorkerShape ShapeOf(Pulse pulse)
    {
        var worker = pulse.Worker;
        return new WorkerShape(
            worker.Id.Value, worker.Name, worker.Address, worker.Slots, worker.SlotsBusy, worker.GivenUp, worker.MemoryUsed,
            worker.MemoryBudget, pulse.Heap, pulse.Collecting, pulse.Working,
            Array.ConvertAll(pulse.Seconds, static second => Math.Round(second.Busy, 3)));
    }

    /// <summary>The sums of all workers' seconds; their clocks are taken as one.</summary>
    private static TimelineShape TimelineOf(Pulse[] pulses)
    {
        var last = pulses.Select(static pulse => pulse.Second).DefaultIfEmpty().Max();
        var timeline = new TimelineShape(
            last - Seconds + 1, new double[Seconds], new int[Seconds], new int[Seconds], new long[Seconds], new long[Seconds],
            new long[Seconds]);
        foreach (var pulse in pulses)
        {
            for (var i = 0; i < pulse.Seconds.Length; i++)
            {
                var at = (int)(pulse.Second - pulse.Seconds.Length + 1 + i - timeline.From);
                if (at is >= 0 and < Seconds)
                {
                    var second = pulse.Seconds[i];
                    timeline.Busy[at] = Math.Round(timeline.Busy[at] + second.Busy, 3);
                    timeline.Tasks[at] += second.Tasks;
                    timeline.Failed[at] += second.Failed;
                    timeline.Input[at] += second.Input;
                    timeline.Shuffled[at] += second.Shuffled;
                    timeline.Spilled[at] += second.Spilled;
                }
            }
        }

        return timeline;
    }

    private async Task<List<HistoryPage>> PagesAsync(WorkerId worker, JobId job, long from)
    {
        var pages = new List<HistoryPage>();
        while (await TryAsync(() => HistoryOf(worker).HistoryAsync(job, from)) is { } page)
        {
            pages.Add(page);
            from = page.Next;
            if (!page.More)
            {
                break;
            }
        }

        return pages;
    }

    private async Task<(WorkerId Worker, List<KeptRdd> Kept, HeldRdd[] Held)?> KeptAtAsync(WorkerId worker)
    {
        var kept = new List<KeptRdd>();
        LineageId? after = null;
        do
        {
            var page = await pool().Get(worker).KeptAsync(after);
            kept.AddRange(page.Rdds);
            after = page.Next;
        }
        while (after is not null);

        return (worker, kept, await HistoryOf(worker).HeldAsync());
    }

    private IHistoryGrain HistoryOf(WorkerId worker) => grains().GetGrain<IHistoryGrain>(worker.Value);

    private async Task<JobSummary?> StatusAsync(JobId job) => (await AskAsync(job)).State;

    private async Task<(bool Answered, JobSummary? State)> AskAsync(JobId job)
    {
        try
        {
            return (true, await grains().GetGrain<IJobGrain>(job.Value).StatusAsync());
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            return (false, null);
        }
    }

    /// <summary>Null from a worker that does not answer: the others are shown.</summary>
    private static async Task<R?> TryAsync<R>(Func<Task<R>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            return default;
        }
    }
}
