using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>How the cluster is: its workers, their last minutes and the jobs. All viewers share one look.</summary>
internal sealed class ClusterFeed
{
    /// <summary>Seconds that the overview shows.</summary>
    public const int Seconds = 180;

    private const int ListedJobs = 50;
    private const int MostAsked = 50;

    private readonly SiloCalls _silos;
    private readonly TimeProvider _time;
    private readonly SharedAnswer<ClusterLook> _looks;
    private readonly JobList _jobs = new();
    private readonly Dictionary<WorkerId, long> _versions = [];

    public ClusterFeed(SiloCalls silos, TimeProvider time)
    {
        (_silos, _time) = (silos, time);
        _looks = new SharedAnswer<ClusterLook>(LookAsync, SharedAnswer<ClusterLook>.Usual, time);
    }

    /// <summary>The slots of all workers, as they were last told.</summary>
    public int Slots => Math.Max(1, _looks.Last?.Cluster.Workers.Sum(static worker => worker.Slots) ?? 1);

    /// <summary>The cluster now.</summary>
    public Task<ClusterLook> NowAsync() => _looks.GetAsync();

    /// <summary>The newest jobs that are remembered, the newest first.</summary>
    public async Task<JobShape[]> JobsAsync()
    {
        await NowAsync();
        return _jobs.Newest(JobList.Most, _time.GetUtcNow());
    }

    /// <summary>What tasks said at a worker of late; null when there is no such worker.</summary>
    public async Task<LineShape[]?> LinesAsync(WorkerId worker)
    {
        var live = await _silos.LiveAsync();
        return !live.Any(one => one.Id == worker) ? null : Array.ConvertAll(
            await _silos.HistoryOf(worker).LinesAsync(),
            static said => new LineShape(
                said.Line.Time.ToUnixTimeMilliseconds(), said.Job.ToString(), said.Line.Stage, said.Line.Partition, said.Line.Attempt,
                Words.Of(said.Line.Level), said.Line.Category, said.Line.Text));
    }

    private async Task<ClusterLook> LookAsync()
    {
        var live = await _silos.LiveAsync();
        foreach (var gone in _versions.Keys.Except(live.Select(static worker => worker.Id)).ToArray())
        {
            _versions.Remove(gone);
        }

        var answers = await Task.WhenAll(live.Select(worker => SiloCalls.TryAsync(
            () => _silos.HistoryOf(worker.Id).PulseAsync(Seconds, _versions.GetValueOrDefault(worker.Id)))));
        var pulses = answers.OfType<Pulse>().ToArray();
        foreach (var pulse in pulses)
        {
            _versions[pulse.Worker.Id] = pulse.Version;
            foreach (var job in pulse.Jobs)
            {
                _jobs.Learn(job);
            }
        }

        await FollowAsync();
        _jobs.Trim();
        var now = _time.GetUtcNow();
        return new ClusterLook(new ClusterShape(
            now.ToUnixTimeMilliseconds(), [.. pulses.Select(ShapeOf)], TimelineOf(pulses), _jobs.Newest(ListedJobs, now)));
    }

    /// <summary>The newest running jobs say how far they are.</summary>
    private async Task FollowAsync()
    {
        var states = await Task.WhenAll(_jobs.Running(MostAsked).Select(async job => (Job: job, Answer: await _silos.StatusAsync(job))));
        foreach (var (job, (answered, state)) in states)
        {
            if (answered)
            {
                _jobs.Follow(job, state);
            }
        }
    }

    private static WorkerShape ShapeOf(Pulse pulse)
    {
        var worker = pulse.Worker;
        return new WorkerShape(
            worker.Id.Value, worker.Name, worker.Address, worker.Slots, worker.SlotsBusy, worker.GivenUp, worker.MemoryUsed,
            worker.MemoryBudget, pulse.Heap, pulse.Collecting, pulse.Working,
            Array.ConvertAll(pulse.Seconds, static second => Math.Round(second.Busy, 3)),
            Array.ConvertAll(pulse.Seconds, static second => second.Remote));
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
}

/// <summary>The cluster at one moment, and the same as JSON: written once, when the first viewer wants it.</summary>
internal sealed class ClusterLook(ClusterShape cluster)
{
    private readonly Lazy<byte[]> _json = new(() => UiJson.Of(cluster));

    public ClusterShape Cluster => cluster;

    public byte[] Json => _json.Value;
}
