using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.SharedVariables;
using MicroSpark.Slots;
using MicroSpark.Stopping;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// One silo's share of the work, without Orleans: slots (one dedicated thread each), block store, blob store and loaded code.
/// </summary>
internal sealed class WorkerEngine : IDisposable
{
    private readonly WorkerEngineOptions _options;
    private readonly TimeProvider _time;
    private readonly SlotPool _slots;

    private readonly BlockIndexes _indexes;
    private readonly SpillFolder _spill;
    private readonly TaskExecution _execution;

    public WorkerEngine(WorkerId id, WorkerEngineOptions options, IBlockTransport transport, ILocationSource locations, TimeProvider time)
    {
        Id = id;
        _options = options;
        _time = time;
        Memory = new MemoryPool(options.MemoryBudget, options.Slots, options.Starved)
        {
            LongestLine = options.MaxLineSize,
            Limits = options.Limits,
        };
        _spill = new SpillFolder(options.SpillDirectory);
        Code = CodeSpace.Create(useProcess: !options.SimulatedIsolation, options.Approved);
        Blocks = new BlockStore(Memory, _spill, Code, time);
        Blobs = new BlobStore(time) { Budget = options.MemoryBudget / 4, Quotas = new UploadQuotas(options.Limits) };
        Plans = new PlanCache(Blobs, Code, new BlobSources(id, transport), options.Background);
        Broadcasts = new BroadcastStore(Plans.PullAsync, Memory) { Budget = options.MemoryBudget / 4 };
        Stores = new WorkerStores(id, Blocks, Blobs, Code);
        _indexes = new BlockIndexes(at => at == id ? Stores : transport.Neighbour(at));
        _execution = new TaskExecution(this, options, _spill, transport, locations, time);
        var shares = options.Shares;
        _slots = new SlotPool(
            options.Slots, $"MicroSpark {id}",
            new ShareTree(time.TimestampFrequency, shares.Jobs, shares.WeightOf, shares.WeightOfOwner), time,
            () => CameBack(), options.Threads);
    }

    public WorkerId Id { get; }

    /// <summary>Where work runs that is no task.</summary>
    public BackgroundWork Background => _options.Background;

    /// <summary>What others may read of this worker.</summary>
    public WorkerStores Stores { get; }

    public int Slots => _slots.Slots;

    public int SlotsBusy => _slots.Busy;

    /// <summary>Tasks that wait for a slot.</summary>
    public int SlotsQueued => _slots.Queued;

    /// <summary>
    /// Tasks that were cancelled, did not end, and are no longer waited for. Their threads run above the slots; what memory and blocks they
    /// hold is counted until they end.
    /// </summary>
    public int GivenUp => _slots.GivenUp;

    /// <summary>As many tasks are given up as there are slots: more would be a process full of threads that nobody can stop.</summary>
    public bool Exhausted => GivenUp >= Slots;

    /// <summary>Called when a task is given up, with their number now. On a thread of the clock; it must not block.</summary>
    public Action<GivenUpTask, int> GaveUp { get; set; } = static (_, _) => { };

    /// <summary>Called when a task that was given up has ended after all. On its thread; it must not throw, nor block.</summary>
    public Action CameBack { get; set; } = static () => { };

    /// <summary>Where tasks say something; null while nobody listens.</summary>
    public ITaskLog? TaskLog { get; set; }

    /// <summary>The silo's budget.</summary>
    public MemoryPool Memory { get; }

    public BlockStore Blocks { get; }

    public BlobStore Blobs { get; }

    public CodeSpace Code { get; }

    /// <summary>From now on the silo has so many bytes.</summary>
    public void Resize(long budget)
    {
        Blobs.Budget = Broadcasts.Budget = budget / 4;
        Memory.Resize(budget);
    }

    internal PlanCache Plans { get; }

    internal BroadcastStore Broadcasts { get; }

    /// <summary>Forgets somebody's broadcast value, and those of its pieces that are named and nobody else brought.</summary>
    /// <param name="owner">See <see cref="PlanRef.Owner"/>.</param>
    public void DropBroadcast(LineageId content, IReadOnlyList<BlobName> chunks, string? owner)
    {
        Broadcasts.Drop(content, owner);
        foreach (var chunk in chunks)
        {
            Blobs.Drop(chunk, owner);
        }
    }

    /// <summary>
    /// Forgets code that somebody will not use again, and what is made of it here: his plans, and values that tasks shared. What plans of
    /// others need stays.
    /// </summary>
    /// <param name="owner">See <see cref="PlanRef.Owner"/>.</param>
    public void ForgetCode(IReadOnlySet<AssemblyId> assemblies, string? owner)
    {
        var gone = Plans.Forget(assemblies, owner);
        Broadcasts.Clear();
        Code.Forget(gone);
    }

    /// <summary>
    /// Makes a plan runnable here once: pulls the blobs that are missing from <see cref="PlanRef.Holders"/>, then from the other
    /// live workers given, loads the assemblies and decodes the nodes.
    /// </summary>
    /// <returns>Keeps the plan prepared until it is disposed.</returns>
    public Task<PlanLease> PrepareAsync(PlanRef plan, IReadOnlyList<WorkerId> liveWorkers, CancellationToken cancellationToken) =>
        Plans.PrepareAsync(plan, liveWorkers, cancellationToken);

    /// <summary>
    /// Makes one task of a prepared plan, for <see cref="Enqueue"/>. <paramref name="completed"/> is called once, on the slot's thread, or
    /// on another one when the task is given up; it must not block. A task that is taken back is not completed, one whose token is
    /// cancelled does not run, and one that runs is stopped: see <see cref="TaskStop"/>.
    /// </summary>
    /// <param name="plan">Held by the caller until the task has completed.</param>
    /// <param name="began">Called on the slot's thread when a slot has taken the task, with what tells how far it is.</param>
    public SlotTask TaskOf(
        TaskLine line, PlanLease plan, TaskSpec task, IReadOnlyDictionary<LineageId, long> inputVersions,
        CancellationToken cancellationToken, Action<TaskOutcome> completed, Action<TaskProgress> began) =>
        new(line, () => Run(plan, task, inputVersions, completed, began, cancellationToken));

    /// <summary>Queues tasks of one line for the slots.</summary>
    public void Enqueue(TaskLine line, params ReadOnlySpan<SlotTask> tasks) => _slots.Enqueue(line, tasks);

    /// <summary>Takes a task back that no slot has taken; false when one has.</summary>
    public bool TryTakeBack(SlotTask task) => _slots.TryTakeBack(task);

    /// <summary>From now on these jobs wait for the line's tasks.</summary>
    public void Share(TaskLine line, TaskShare[] shares) => _slots.Share(line, shares);

    /// <inheritdoc cref="SlotPool.ReserveAsync"/>
    public Task<bool> ReserveAsync(SlotReservation reservation, bool above, bool patient = false) =>
        _slots.ReserveAsync(reservation, above, patient);

    /// <inheritdoc cref="SlotPool.Release"/>
    public void Release(SlotReservation reservation) => _slots.Release(reservation);

    /// <summary>Where the readers of this worker find something of a shuffle.</summary>
    internal BlockIndex IndexOf(BlockMap map) => _indexes.Of(map);

    public void Dispose()
    {
        _slots.Dispose();
        _spill.Dispose();
        Code.Dispose();
    }

    private void Run(
        PlanLease plan, TaskSpec task, IReadOnlyDictionary<LineageId, long> versions, Action<TaskOutcome> completed,
        Action<TaskProgress> began,
        CancellationToken cancellation)
    {
        using var progress = TaskProgress.Begin(_time, cancellation);
        began(progress);
        var cancelled = new TaskOutcome.Cancelled(task.Partition, task.Attempt);
        if (cancellation.IsCancellationRequested)
        {
            completed(cancelled);
            return;
        }

        if (Exhausted)
        {
            var refusal = new InvalidOperationException(
                $"This silo takes no more tasks: {GivenUp} tasks were cancelled and did not end, as many as it has slots. They wait in a "
                + "call that cannot be interrupted, or loop for ever. It goes on when one of them ends; else restart the program.");
            completed(_options.LeavesWhenExhausted
                ? cancelled
                : new TaskOutcome.Failed(task.Partition, task.Attempt, TaskFailure.Of(refusal)));
            return;
        }

        var turn = Slot.Current!.Value;
        TaskOutcome outcome;
        using (new TaskStop(progress, _time, cancellation, GiveUp))
        {
            var watched = _options.Guard.Begin(progress);
            try
            {
                outcome = _execution.Run(plan, task, versions, progress, cancellation);
            }
            catch (Exception e)
            {
                // The engine's own, such as no memory left for what begins and ends a task. A thread that it ended would end the process.
                outcome = new TaskOutcome.Failed(task.Partition, task.Attempt, TaskFailure.Of(e));
            }

            outcome = _options.Guard.End(watched, outcome);
        }

        if (turn.End())
        {
            completed(outcome);
        }
        else
        {
            // Nobody waits for it any more.
            Blocks.Remove(new BlockId(task.OutputLineage, task.Partition, task.Attempt));
        }

        void GiveUp()
        {
            if (turn.GiveUp())
            {
                GaveUp(new GivenUpTask(task, plan.Plan.Nodes[task.Node].Operator), GivenUp);
                completed(cancelled);
            }
        }
    }
}

/// <summary>A task that was cancelled and did not end.</summary>
/// <param name="Operator">The operator that ends its stage; null when its plan is no longer here.</param>
internal sealed record GivenUpTask(TaskSpec Task, string? Operator);
