using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Events;

/// <summary>
/// What one silo's tasks and blocks did lately, for whoever asks: the newest 16,384 events. Owners of stages do not need it; it feeds logs,
/// progress and lists. A task's event is here before its outcome is reported, so who knows that a job has ended finds all of its successes.
/// </summary>
internal sealed class SiloEvents
{
    private const int Most = 1 << 14;
    private const int LargestPage = 1 << 12;

    /// <summary>About what an event takes in a message beside what it says of an error or a key.</summary>
    private const int EventBytes = 200;

    /// <summary>Far more than end between two looks and the time that it takes to find a silo dead.</summary>
    private const int MostWitnessed = 1 << 12;

    /// <summary>
    /// Characters of what a task's failure says: a page of them must fit into a message, and all into memory. The job's error has the
    /// whole.
    /// </summary>
    private const int LongestError = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<(SpanStage? Stage, TaskSpan? Task, TaskNote? Note, BlockMove Move)> _events = new();
    private readonly Queue<(WorkerId Worker, SpanStage Stage, TaskSpan Task)> _witnessed = new();

    // One batch, one object: told apart by reference, which is what every task can afford.
    private readonly Dictionary<SpanStage, int> _running = new(ReferenceEqualityComparer.Instance);
    private readonly WorkerEngine _engine;
    private readonly TimeProvider _time;
    private readonly WorkerMeter? _meter;
    private long _next;

    /// <param name="meter">Is told of each end; null where nothing is measured.</param>
    /// <param name="logs">What tasks say; null where nobody listens.</param>
    public SiloEvents(WorkerEngine engine, TimeProvider time, WorkerMeter? meter = null, TaskLogs? logs = null)
    {
        (_engine, _time, _meter, Logs) = (engine, time, meter, logs);
        History = new TaskHistory(TaskHistory.RowsFor(engine.Memory.Limit));
        engine.Blocks.Moved = (lineage, partition, bytes, toDisk) =>
            Add((null, null, null, new BlockMove(time.GetUtcNow(), lineage, partition, bytes, toDisk)));
    }

    /// <summary>The newest task ends, packed, for the page.</summary>
    public TaskHistory History { get; }

    /// <summary>What tasks say; null where nobody listens.</summary>
    public TaskLogs? Logs { get; }

    /// <summary>The jobs that are or were driven here, for the page.</summary>
    public JobBook Jobs { get; } = new();

    /// <summary>The newest failures and notes, for the page.</summary>
    public Troubles Troubles { get; } = new();

    /// <summary>Notes that a slot has taken a task.</summary>
    public TaskClock Begin(SpanStage stage, TaskItem task)
    {
        lock (_lock)
        {
            _running[stage] = _running.GetValueOrDefault(stage) + 1;
        }

        var began = _time.GetUtcNow();
        return new TaskClock(began, _time.GetTimestamp(), History.Begin(stage, task.Partition, task.AttemptNumber, began.UtcTicks));
    }

    /// <summary>Notes how a task that had a slot has ended.</summary>
    public TaskSpan End(SpanStage stage, TaskItem task, TaskClock clock, TaskOutcome outcome)
    {
        var span = new TaskSpan(
            task.Partition, task.Attempt, task.AttemptNumber, clock.Began, _time.GetElapsedTime(clock.Timestamp), outcome.End, 0, 0,
            default, null, task.Copy);
        span = outcome switch
        {
            TaskOutcome.Succeeded s => span with
            {
                Records = s.Records,
                Bytes = s.Bytes,
                Traffic = s.Traffic,
                Key = s.Heaviest?.Key,
                KeyValues = s.Heaviest?.Values ?? 0,
            },
            TaskOutcome.Failed f => span with
            {
                Error = Cut($"{f.Error.TypeName}: {f.Error.Message}"),
                At = UserLine.Of(UserLine.StackOf(f.Error)),
            },
            TaskOutcome.InputLost l => span with
            {
                Error = $"It found no {Partitions(l.Lost)} of input {l.Lineage}: lost{(l.Worker is { } at ? $" with worker {at}" : "")}.",
            },
            _ => span,
        };
        _meter?.Ended(span.Took, outcome);
        History.End(clock.Lane, span.Took.Ticks, span.End, span.Copy, span.Records, span.Bytes, span.Traffic);
        if (outcome is TaskOutcome.Failed failed)
        {
            Troubles.Add(stage, span, failed.Error);
        }
        else if (span.Key is { } key)
        {
            Troubles.Add(new StageKey(stage, span.Partition, key, span.KeyValues));
        }

        lock (_lock)
        {
            if (--_running[stage] == 0)
            {
                _running.Remove(stage);
            }

            Add((stage, span, null, default));
        }

        return span;
    }

    /// <summary>
    /// Notes the span that a task on another worker reported to its owner here. If that worker dies before anybody has asked for its
    /// events, this one has them.
    /// </summary>
    public void Witness(WorkerId worker, SpanStage stage, TaskSpan span)
    {
        if (worker == _engine.Id)
        {
            return;
        }

        lock (_lock)
        {
            if (_witnessed.Count == MostWitnessed)
            {
                _witnessed.Dequeue();
            }

            _witnessed.Enqueue((worker, stage, span));
        }
    }

    /// <summary>Notes what the owner of a task, who is here, says of an attempt at it.</summary>
    public void Note(SpanStage stage, int? partition, int? attemptNumber, WorkerId? worker, TaskEnd? end, bool again, string reason)
    {
        var note = new TaskNote(_time.GetUtcNow(), partition, attemptNumber, worker, end, again, Cut(reason));
        Troubles.Add(stage, note);
        Add((stage, null, note, default));
    }

    /// <summary>What is known here of a lost worker's tasks, of one context's jobs.</summary>
    public StageSpans[] Witnessed(ContextId context, WorkerId lost)
    {
        lock (_lock)
        {
            return [.. _witnessed.Where(one => one.Worker == lost && one.Stage.Context == context)
                .GroupBy(one => one.Stage, one => one.Task, (stage, tasks) => new StageSpans(stage, [.. tasks]))];
        }
    }

    /// <summary>The events after the first <paramref name="from"/> that silo ever had, as many as fit into a reply.</summary>
    public EventPage Read(EventQuery query, long from)
    {
        lock (_lock)
        {
            var first = _next - _events.Count;
            var at = query.FromNow ? _next : Math.Max(from, first);
            var until = Math.Min(_next, at + LargestPage);
            var tasks = new List<(SpanStage Stage, TaskSpan Task)>();
            var notes = new List<(SpanStage Stage, TaskNote Note)>();
            var moves = new List<BlockMove>();
            var (bytes, passed) = (0L, 0L);
            foreach (var (stage, task, note, move) in _events.Skip((int)(at - first)).Take((int)(until - at)))
            {
                if (bytes > Pages.Largest)
                {
                    until = at + passed;
                    break;
                }

                passed++;
                bytes += EventBytes + (task?.Error?.Length ?? 0) + (task?.Key?.Length ?? 0) + (note?.Reason.Length ?? 0);
                if (stage is null)
                {
                    moves.Add(move);
                }
                else if (Matches(query, stage))
                {
                    if (note is null)
                    {
                        tasks.Add((stage, task!));
                    }
                    else
                    {
                        notes.Add((stage, note));
                    }
                }
            }

            return new EventPage(
                _engine.Id, until, until < _next, query.FromNow ? 0 : at - from,
                [.. tasks.GroupBy(t => t.Stage).Select(g => new StageSpans(g.Key, [.. g.Select(t => t.Task)]))], [.. moves],
                [.. _running.Where(r => Matches(query, r.Key)).Select(r => new RunningTasks(r.Key.Job, r.Key.Output, r.Value))],
                [.. notes.GroupBy(n => n.Stage).Select(g => new StageNotes(g.Key, [.. g.Select(n => n.Note)]))]);
        }
    }

    /// <summary>Some partitions of an input, for people.</summary>
    public static string Partitions(IReadOnlyList<BlockPart> lost)
    {
        var some = string.Join(", ", lost.Take(8).Select(static b => b.Partition));
        return $"{(lost.Count == 1 ? "partition" : "partitions")} {some}{(lost.Count > 8 ? ", ..." : "")}";
    }

    private static string Cut(string text) => text.Length <= LongestError ? text : text[..(LongestError - 1)] + "…";

    private static bool Matches(EventQuery query, SpanStage stage) =>
        (query.Job is null || query.Job == stage.Job) && (query.Context is null || query.Context == stage.Context);

    private void Add((SpanStage?, TaskSpan?, TaskNote?, BlockMove) one)
    {
        lock (_lock)
        {
            if (_events.Count == Most)
            {
                _events.Dequeue();
            }

            _events.Enqueue(one);
            _next++;
        }
    }
}

/// <summary>When a task began, by both clocks.</summary>
/// <param name="Lane">Its place in the history until it ends.</param>
internal readonly record struct TaskClock(DateTimeOffset Began, long Timestamp, ushort Lane);
