using System.Diagnostics.Metrics;
using MicroSpark.Engine;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Events;

/// <summary>
/// What a worker measures of itself, for whoever listens to the meter <c>MicroSpark</c>. Tasks are counted where their ends are noted,
/// once; gauges are read when they are asked for. With nobody listening a task costs a look at three flags.
/// </summary>
internal sealed class WorkerMeter : IDisposable
{
    public const string Name = "MicroSpark";

    private const string WorkerTag = "microspark.worker";
    private const string EndTag = "microspark.end";
    private const string KindTag = "microspark.kind";

    private static readonly string[] s_ends = Array.ConvertAll(Enum.GetValues<TaskEnd>(), static end => end.ToString());

    private readonly Meter _meter = new(Name, typeof(WorkerMeter).Assembly.GetName().Version?.ToString(3));
    private readonly Counter<long> _tasks;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _bytes;
    private readonly KeyValuePair<string, object?> _worker;

    public WorkerMeter(WorkerEngine engine)
    {
        _worker = new(WorkerTag, engine.Id.Value);
        _tasks = _meter.CreateCounter<long>("microspark.tasks", "{task}", "Attempts at tasks that have ended");
        _durations = _meter.CreateHistogram<double>("microspark.task.duration", "s", "From the slot's taking a task to its end");
        _bytes = _meter.CreateCounter<long>("microspark.task.io", "By", "What tasks that succeeded read and wrote");
        Gauge("microspark.slots", "{slot}", "Tasks that may run at once", () => engine.Slots);
        Gauge("microspark.slots.busy", "{slot}", "Slots that run a task", () => engine.SlotsBusy);
        Gauge("microspark.slots.given_up", "{thread}", "Cancelled tasks whose threads do not end", () => engine.GivenUp);
        Gauge("microspark.tasks.queued", "{task}", "Tasks that wait for a slot of this worker", () => engine.SlotsQueued);
        Gauge("microspark.memory.blocks", "By", "Blocks that are kept in memory", () => engine.Memory.Blocks);
        Gauge("microspark.memory.working", "By", "Tables and buffers of tasks", () => engine.Memory.Working);
        Gauge("microspark.memory.shared", "By", "What tasks share, such as broadcasts", () => engine.Memory.Shared);
        Gauge("microspark.memory.budget", "By", "What these may take together", () => engine.Memory.Limit);
    }

    public void Ended(TimeSpan took, TaskOutcome outcome)
    {
        if (!_tasks.Enabled && !_durations.Enabled && !_bytes.Enabled)
        {
            return;
        }

        var end = new KeyValuePair<string, object?>(EndTag, s_ends[(int)outcome.End]);
        _tasks.Add(1, _worker, end);
        _durations.Record(took.TotalSeconds, _worker, end);
        if (outcome is TaskOutcome.Succeeded { Traffic: var traffic })
        {
            Add("input", traffic.Input);
            Add("shuffle_read", traffic.ShuffleRead);
            Add("remote_read", traffic.RemoteRead);
            Add("shuffle_written", traffic.ShuffleWritten);
            Add("spilled", traffic.Spilled);
        }
    }

    public void Dispose() => _meter.Dispose();

    private void Add(string kind, long bytes)
    {
        if (bytes > 0)
        {
            _bytes.Add(bytes, _worker, new(KindTag, kind));
        }
    }

    private void Gauge(string name, string unit, string description, Func<long> read) =>
        _meter.CreateObservableGauge(name, () => new Measurement<long>(read(), _worker), unit, description);
}
