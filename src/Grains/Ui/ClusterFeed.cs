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
    private readonly Dictionary<WorkerId, WorkerPast> _pasts = [];

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
    public async Task<JobShape[]> JobsAsync(Viewer viewer)
    {
        await NowAsync();
        return Array.ConvertAll(_jobs.Newest(JobList.Most, _time.GetUtcNow()), viewer.Look);
    }

    /// <summary>What tasks said at a worker of late; null when there is no such worker.</summary>
    public async Task<LineShape[]?> LinesAsync(WorkerId worker, Viewer viewer)
    {
        var live = await _silos.LiveAsync();
        if (!live.Any(one => one.Id == worker))
        {
            return null;
        }

        var said = await _silos.HistoryOf(worker).LinesAsync();
        if (!viewer.SeesAll)
        {
            // Whose the jobs are.
            await NowAsync();
        }

        return Array.ConvertAll(said, one => ShapeOf(one, viewer));
    }

    /// <summary>Of the contexts of all jobs that are listed those that are of the viewer's programs.</summary>
    public async Task<HashSet<ContextId>> ContextsAsync(Viewer viewer)
    {
        await NowAsync();
        return _jobs.Contexts(viewer.Owns);
    }

    private LineShape ShapeOf(WorkerLine said, Viewer viewer)
    {
        var shape = new LineShape(
            said.Line.Time.ToUnixTimeMilliseconds(), said.Job.ToString(), said.Line.Stage, said.Line.Partition, said.Line.Attempt,
            Words.Of(said.Line.Level), said.Line.Category, said.Line.Text);
        if (viewer.SeesAll)
        {
            return shape;
        }

        // A job that nobody knows any more is nobody's.
        var job = _jobs.Find(said.Job);
        return job is not null && viewer.Owns(job.Owner) ? shape : shape.ForOthers(job?.Owner);
    }

    private async Task<ClusterLook> LookAsync()
    {
        var live = await _silos.LiveAsync();
        foreach (var gone in _pasts.Keys.Except(live.Select(static worker => worker.Id)).ToArray())
        {
            _pasts.Remove(gone);
        }

        var answers = await Task.WhenAll(live.Select(worker => AskAsync(worker.Id)));
        var pulses = answers.OfType<Pulse>().ToArray();
        foreach (var pulse in pulses)
        {
            PastOf(pulse.Worker.Id).Take(pulse);
            foreach (var job in pulse.Jobs)
            {
                _jobs.Learn(job);
            }
        }

        await FollowAsync();
        _jobs.Trim();
        var now = _time.GetUtcNow();
        var last = pulses.Select(static pulse => pulse.Second).DefaultIfEmpty().Max();
        return new ClusterLook(new ClusterShape(
            now.ToUnixTimeMilliseconds(), [.. pulses.Select(pulse => ShapeOf(pulse, last))], TimelineOf(pulses, last),
            _jobs.Newest(ListedJobs, now)));
    }

    private Task<Pulse?> AskAsync(WorkerId worker)
    {
        var past = _pasts.GetValueOrDefault(worker);
        return SiloCalls.TryAsync(async () =>
            (Pulse?)await _silos.HistoryOf(worker).PulseAsync(past?.Wanted ?? Seconds, past?.Version ?? 0));
    }

    private WorkerPast PastOf(WorkerId worker)
    {
        if (!_pasts.TryGetValue(worker, out var past))
        {
            _pasts.Add(worker, past = new WorkerPast(_time));
        }

        return past;
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

    private WorkerShape ShapeOf(Pulse pulse, long last)
    {
        var worker = pulse.Worker;
        var past = PastOf(worker.Id);
        var (busy, remote) = (new double[Seconds], new long[Seconds]);
        for (var i = 0; i < Seconds; i++)
        {
            var second = past.At(last - Seconds + 1 + i);
            (busy[i], remote[i]) = (Math.Round(second.Busy, 3), second.Remote);
        }

        return new WorkerShape(
            worker.Id.Value, worker.Name, worker.Address, worker.Slots, worker.SlotsBusy, worker.GivenUp, worker.MemoryUsed,
            worker.MemoryBudget, pulse.Heap, pulse.Collecting, pulse.Working, busy, remote);
    }

    /// <summary>The sums of all workers' seconds; their clocks are taken as one.</summary>
    private TimelineShape TimelineOf(Pulse[] pulses, long last)
    {
        var timeline = new TimelineShape(
            last - Seconds + 1, new double[Seconds], new int[Seconds], new int[Seconds], new long[Seconds], new long[Seconds],
            new long[Seconds]);
        foreach (var pulse in pulses)
        {
            var past = PastOf(pulse.Worker.Id);
            for (var i = 0; i < Seconds; i++)
            {
                var second = past.At(timeline.From + i);
                timeline.Busy[i] = Math.Round(timeline.Busy[i] + second.Busy, 3);
                timeline.Tasks[i] += second.Tasks;
                timeline.Failed[i] += second.Failed;
                timeline.Input[i] += second.Input;
                timeline.Shuffled[i] += second.Shuffled;
                timeline.Spilled[i] += second.Spilled;
            }
        }

        return timeline;
    }
}

/// <summary>The cluster at one moment, and the same as JSON: written once, when the first viewer wants it.</summary>
internal sealed class ClusterLook(ClusterShape cluster)
{
    private readonly Sights _json = new(viewer => UiJson.Of(cluster.For(viewer.Look)));

    /// <summary>With all values in it: for this process, and for nobody outside.</summary>
    public ClusterShape Cluster => cluster;

    public byte[] Json(Viewer viewer) => _json.Of(viewer);
}
