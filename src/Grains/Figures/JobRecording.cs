using System.Runtime.InteropServices;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Figures;

/// <summary>
/// All that is known of one job, from the histories of its cluster's silos or from an event log: what figures are made of. For one thread
/// at a time.
/// </summary>
internal sealed class JobRecording(JobId job)
{
    private readonly Dictionary<LineageId, int> _stages = [];
    private readonly List<LineageId> _outputs = [];
    private readonly Dictionary<WorkerId, WorkerPart> _workers = [];
    private readonly List<WorkerPart> _order = [];
    private readonly Dictionary<LineageId, StageOutline> _plan = [];

    public JobId Job => job;

    /// <summary>Null when nobody knows more of the job than its tasks.</summary>
    public JobSummary? Summary
    {
        get;
        set
        {
            // A running job is another one at each look: it has run longer.
            Version += field != value || value is { Phase: JobPhase.Running } ? 1 : 0;
            field = value;
        }
    }

    /// <summary>It was read from its log, which says all there is to know: nobody has to be asked for more.</summary>
    public bool IsRead { get; set; }

    /// <summary>Grows with each change.</summary>
    public long Version { get; private set; }

    /// <summary>Task ends in all.</summary>
    public int Count => _order.Sum(static part => part.Rows.Count);

    /// <summary>The workers that had tasks of the job, in the order in which they were met.</summary>
    public IReadOnlyList<WorkerPart> Workers => _order;

    /// <summary>The outputs that rows name.</summary>
    public IReadOnlyList<LineageId> Outputs => _outputs;

    /// <summary>The stages that are known, those of the plan in its order.</summary>
    public IEnumerable<StageOutline> Plan => _plan.Values;

    /// <summary>Notes of the owners of tasks, the oldest first.</summary>
    public List<(LineageId Output, TaskNote Note)> Notes { get; } = [];

    /// <summary>Failures with their stacks, the oldest first.</summary>
    public List<(WorkerId Worker, TaskTrouble Trouble)> Failures { get; } = [];

    /// <summary>Of each stage the key with the most values in one task, where that is known, and the task's partition.</summary>
    public Dictionary<LineageId, (int Partition, string Key, long Values)> Keys { get; } = [];

    /// <summary>Partitions that each stage had when it was complete; of an event log.</summary>
    public Dictionary<LineageId, int> Completed { get; } = [];

    /// <summary>Takes over the plan, unless it is known.</summary>
    public void Learn(IReadOnlyList<StageOutline> plan)
    {
        foreach (var stage in plan)
        {
            Version += _plan.TryAdd(stage.Output, stage) || _plan[stage.Output].Operators.Length == 0 ? 1 : 0;
            _plan[stage.Output] = stage;
        }
    }

    /// <summary>Takes over what a silo has told; notes and failures are those of the answer.</summary>
    public void Add(HistoryPage page)
    {
        Learn(page.Plan);
        if (page.Summary is { } summary)
        {
            Summary = Summary is null || summary.Epoch > Summary.Epoch
                || (summary.Epoch == Summary.Epoch && summary.Sequence >= Summary.Sequence)
                ? summary.OwnedAs(Summary) : Summary.OwnedAs(summary);
        }

        foreach (var key in page.Keys ?? [])
        {
            Learn(key.Stage.Output, key.Partition, key.Key, key.Values);
        }

        var part = PartOf(page.Worker);
        var news = page.Rows.Length + page.Running.Length + part.Running.Count > 0 || page.Notes.Length != part.Notes.Length
            || page.Failures.Length != Failures.Count(one => one.Worker == page.Worker);
        Version += news ? 1 : 0;
        var stages = Array.ConvertAll(page.Stages, IndexOf);
        foreach (var row in MemoryMarshal.Cast<byte, TaskRow>(page.Rows))
        {
            part.Rows.Add(row with { Stage = stages[row.Stage] });
        }

        part.Running.Clear();
        foreach (var row in MemoryMarshal.Cast<byte, TaskRow>(page.Running))
        {
            part.Running.Add(row with { Stage = stages[row.Stage] });
        }

        part.Next = page.Next;
        Failures.RemoveAll(one => one.Worker == page.Worker);
        Failures.AddRange(page.Failures.Select(trouble => (page.Worker, trouble)));
        part.Notes = page.Notes;
        Notes.Clear();
        Notes.AddRange(_order.SelectMany(static one => one.Notes)
            .SelectMany(static one => one.Notes.Select(note => (one.Stage.Output, note))).OrderBy(static one => one.note.Time));
    }

    /// <summary>
    /// Takes over one worker's task ends from an event log. A log has no lanes: each task gets the lowest one that is free when it begins,
    /// as the worker would have given it.
    /// </summary>
    public void Add(WorkerId worker, IEnumerable<(LineageId Output, TaskSpan Task)> tasks)
    {
        var ends = new List<long>();
        foreach (var (output, task) in tasks.OrderBy(static one => one.Task.Began))
        {
            var row = TaskRow.Of(task);
            var lane = ends.FindIndex(end => end <= row.Began);
            if (lane < 0)
            {
                lane = ends.Count;
                ends.Add(0);
            }

            if (task.Key is { } key)
            {
                Learn(output, task.Partition, key, task.KeyValues);
            }

            ends[lane] = row.Ended;
            Add(worker, output, row with { Lane = (ushort)lane });
        }
    }

    /// <summary>Takes over a task end of an event log.</summary>
    public void Add(WorkerId worker, LineageId output, TaskRow row)
    {
        row.Stage = IndexOf(output);
        PartOf(worker).Rows.Add(row);
        Version++;
    }

    public WorkerPart PartOf(WorkerId worker)
    {
        if (!_workers.TryGetValue(worker, out var part))
        {
            _workers.Add(worker, part = new WorkerPart(worker));
            _order.Add(part);
        }

        return part;
    }

    /// <summary>A worker that is gone runs nothing.</summary>
    public void Lose(WorkerId worker)
    {
        if (_workers.TryGetValue(worker, out var part) && part.Running.Count > 0)
        {
            part.Running.Clear();
            Version++;
        }
    }

    private void Learn(LineageId output, int partition, string key, long values)
    {
        if (!Keys.TryGetValue(output, out var known) || values > known.Values)
        {
            Keys[output] = (partition, key, values);
            Version++;
        }
    }

    private int IndexOf(SpanStage stage)
    {
        if (!_plan.ContainsKey(stage.Output))
        {
            Learn([new StageOutline(stage.Stage, stage.Output, stage.Name ?? "", stage.Kind, stage.Partitions, [], [], [])]);
        }

        return IndexOf(stage.Output);
    }

    private int IndexOf(LineageId output)
    {
        if (!_stages.TryGetValue(output, out var index))
        {
            _stages.Add(output, index = _outputs.Count);
            _outputs.Add(output);
        }

        return index;
    }
}

/// <summary>What one worker did for a job.</summary>
internal sealed class WorkerPart(WorkerId worker)
{
    public WorkerId Worker => worker;

    /// <summary>In the order in which they ended.</summary>
    public List<TaskRow> Rows { get; } = [];

    public List<TaskRow> Running { get; } = [];

    public StageNotes[] Notes { get; set; } = [];

    /// <summary>Where to go on reading its history.</summary>
    public long Next { get; set; }
}
