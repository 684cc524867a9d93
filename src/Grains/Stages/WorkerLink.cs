using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>What a set of tasks knows of one worker that has some of them, or would take some.</summary>
internal sealed class WorkerLink(WorkerDescription worker, TaskBatch request)
{
    private readonly Dictionary<int, (long Milliseconds, long Elements, long Told)> _progress = [];

    /// <summary>As it described itself last.</summary>
    public WorkerDescription Description { get; set; } = worker;

    public WorkerId Worker => Description.Id;

    public int Slots => Math.Max(1, Description.Slots);

    public TaskBatch Request => request;

    /// <summary>Tasks that the worker has not reported, by partition.</summary>
    public Dictionary<int, SentTask> Open { get; } = [];

    /// <summary>How many tasks it has received.</summary>
    public int Received { get; set; }

    /// <summary>How many more the worker was last told of.</summary>
    public int Told { get; set; }

    /// <summary>When the poll that waits for its reply was sent; null while none does.</summary>
    public long? Asked { get; set; }

    /// <summary>Whether it knew of more with its last reply, and wanted none.</summary>
    public bool IsFull { get; set; }

    /// <summary>
    /// Whether it is silent although it was polled, or refuses: nothing more goes there, and what is there is tried elsewhere.
    /// </summary>
    public bool Doubted { get; set; }

    /// <summary>Whether it has one task, for which all slots of the worker are kept.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Whether the worker is lost with its process, and not only this batch of it.</summary>
    public bool Died { get; set; }

    /// <summary>Whether tasks are being taken back.</summary>
    public bool TakesBack { get; set; }

    /// <summary>How long its tasks of the set take, in milliseconds; negative while none has ended.</summary>
    public double Mean { get; private set; } = -1;

    /// <summary>Partitions that ended elsewhere and are to be stopped at the worker, collected over one turn.</summary>
    public List<int> Stopped { get; } = [];

    public bool Stopping { get; set; }

    /// <summary>Tasks that no slot has taken, as far as is known.</summary>
    public int Queued => Math.Max(0, Math.Min(_queued, Open.Count - (_told ? 0 : Slots)));

    private int _queued;
    private bool _told;

    /// <summary>The number of the attempt that is reported, which most reports know themselves.</summary>
    public int AttemptAt(TaskReport report, SentTask sent) => report.Span?.AttemptNumber ?? sent.Item.AttemptNumber;

    public void Took(double milliseconds) => Mean = Mean < 0 ? milliseconds : Mean + ((milliseconds - Mean) / 8);

    /// <summary>When it last told of a task that ended, or got tasks while none waited there.</summary>
    public long Moved { get; private set; }

    /// <summary>So many more are on their way to it.</summary>
    public void Send(int tasks, long now)
    {
        Moved = _queued == 0 ? now : Moved;
        _queued += tasks;
    }

    /// <summary>What a reply says besides its reports.</summary>
    public void Note(ReportPage page, long now)
    {
        (_queued, _told) = (page.Queued, true);
        Moved = page.Reports.Length > 0 ? now : Moved;
        _progress.Clear();
        foreach (var task in page.Running ?? [])
        {
            _progress[task.Partition] = (task.Milliseconds, task.Elements, now);
        }
    }

    /// <summary>How long a task has had a slot by now; null when none has taken it, as far as is known.</summary>
    public TimeSpan? AgeOf(int partition, TimeProvider time) => _progress.TryGetValue(partition, out var known)
        ? TimeSpan.FromMilliseconds(known.Milliseconds) + time.GetElapsedTime(known.Told)
        : null;

    /// <summary>Elements that a task had been through when its worker last told of it.</summary>
    public long ElementsOf(int partition) => _progress.GetValueOrDefault(partition).Elements;
}
