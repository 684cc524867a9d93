namespace MicroSpark.Simulation.Loop;

/// <summary>
/// A queue of work of which one item runs at a time, first come first served: an activation's turns, a silo's pool, a client. As a
/// scheduler it takes the continuations of the work that it runs.
/// </summary>
/// <param name="node">Whose process it is; null for the world itself.</param>
internal sealed class Lane(World world, Node? node, string name) : TaskScheduler
{
    private readonly Queue<object> _work = new();

    public string Name => name;

    public Node? Node => node;

    public override int MaximumConcurrencyLevel => 1;

    public bool HasWork => _work.Count > 0;

    /// <summary>Where the world has it among those that can go on; -1 when it cannot.</summary>
    public int Place { get; set; } = -1;

    /// <summary>Queues work that runs under this scheduler, so that what it awaits comes back here.</summary>
    public void Start(Action work) => new Task(work).Start(this);

    /// <summary>
    /// Queues work that runs under no scheduler, as a program's own code does: what it awaits goes on wherever it ends.
    /// </summary>
    public void Post(Action work) => Add(work);

    public void RunOne()
    {
        var work = _work.Dequeue();
        if (work is Task task)
        {
            TryExecuteTask(task);
        }
        else
        {
            ((Action)work)();
        }
    }

    protected override void QueueTask(Task task) => Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && world.Running == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _work.OfType<Task>();

    private void Add(object work)
    {
        world.EnsureOurs();
        _work.Enqueue(work);
        world.Ready(this);
    }
}
