namespace MicroSpark.Slots;

/// <summary>
/// Tasks of one batch that wait for slots, first come first served, and those for whom they wait. All members are for the
/// <see cref="ShareTree"/>, under its owner's lock.
/// </summary>
internal sealed class TaskLine(TaskShare[] shares)
{
    private readonly LinkedList<SlotTask> _waiting = new();

    /// <summary>The jobs that wait for it. Its tasks' time is charged to each.</summary>
    public TaskShare[] Shares { get; set; } = shares;

    /// <summary>The nodes of <see cref="Shares"/>; replaced as a whole, so that a task keeps those with which it began.</summary>
    public ShareNode[] Jobs { get; set; } = [];

    /// <summary>Set when slots are kept for the line: its tasks take those and no others.</summary>
    public SlotReservation? Reservation { get; init; }

    public int Count => _waiting.Count;

    public SlotTask First => _waiting.First!.Value;

    public void Add(SlotTask task) => _waiting.AddLast(task.Place);

    public void Remove(SlotTask task) => _waiting.Remove(task.Place);
}

/// <summary>One piece of work for a slot.</summary>
internal sealed class SlotTask
{
    private readonly Action _run;

    /// <param name="run">Runs on the slot's thread, once. It must not throw.</param>
    public SlotTask(TaskLine line, Action run)
    {
        (Line, _run) = (line, run);
        Place = new LinkedListNode<SlotTask>(this);
    }

    public TaskLine Line { get; }

    /// <summary>In its line; in none before it was added, and after a slot took it or its owner took it back.</summary>
    public LinkedListNode<SlotTask> Place { get; }

    public bool Waits => Place.List is not null;

    /// <summary>When a slot took it.</summary>
    public long Began { get; set; }

    /// <summary>The jobs to which its time is charged.</summary>
    public ShareNode[] Charged { get; set; } = [];

    /// <summary>Whether it runs on a thread above the slots.</summary>
    public bool Above { get; set; }

    public void Run() => _run();
}

/// <summary>Slots that are kept for the tasks of one line, which run together or not at all.</summary>
internal sealed class SlotReservation(int slots)
{
    public int Slots => slots;

    /// <summary>Whether its tasks run on threads above the slots.</summary>
    public bool Above { get; set; }

    public bool Granted { get; set; }

    public TaskCompletionSource<bool> Decided { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
