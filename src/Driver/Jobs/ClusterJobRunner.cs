using System.Collections.Concurrent;
using MicroSpark.Driver.Clusters;
using MicroSpark.Driver.Events;
using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Jobs;

/// <summary>Runs a context's jobs on its cluster.</summary>
internal sealed class ClusterJobRunner : JobRunner
{
    /// <summary>Looks in a row at a job that nobody knows before it counts as over.</summary>
    private const int MostUnknown = 20;

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_renewEvery = TimeSpan.FromSeconds(20);

    /// <summary>For messages.</summary>
    public const string ActionsToSubmit =
        "Submit a function that only calls one action and returns its task, as in () => rdd.CountAsync(). All actions can be submitted "
        + "but those that run several jobs or read one "
        + "partition after the other: TakeAsync, FirstAsync, IsEmptyAsync, TakeSampleAsync, HistogramAsync without edges, LookupAsync, "
        + "RunJobAsync on chosen partitions, the approximate ones, and streams.";

    /// <summary>For messages: what the program closed. It knows its context, and nothing of what runs its jobs.</summary>
    private const string WhatIsClosed = "MicroSpark.MicroSparkContext";

    private readonly ConcurrentDictionary<JobId, AwaitedJob> _running = new();
    private readonly AsyncLocal<ActionGroup?> _group = new();
    private readonly Func<int> _defaultParallelism;
    private readonly string _application;
    private readonly TimeSpan? _mostTime;
    private readonly ICluster _cluster;
    private readonly TimeProvider _time;
    private readonly PlanUploader _uploader;
    private readonly ResultReader _results;
    private readonly AccumulatorUpdates _updates;
    private readonly OutputNames _names;
    private readonly TaskPolicy _policy;
    private readonly ITimer _renewal;
    private readonly CancellationTokenSource _closing = new();
    private volatile bool _closed;

    /// <param name="defaultParallelism">Asked once there is a cluster: a host's context is declared before.</param>
    public ClusterJobRunner(ICluster cluster, MicroSparkOptions options, Func<int> defaultParallelism, TimeProvider time)
    {
        (_cluster, _time) = (cluster, time);
        _defaultParallelism = defaultParallelism;
        Fused = options.Fused;
        _application = options.ApplicationName ?? System.Reflection.Assembly.GetEntryAssembly()?.GetName().Name ?? "";
        _results = new ResultReader(cluster);
        _updates = new AccumulatorUpdates(cluster, time);
        _names = new OutputNames(cluster, Context, time);
        Lines = new TaskLines(cluster.Logs, options.TaskLog);
        Events = new EventFeed(cluster, Context, time, options.NoWorkerTimeout, Lines.HearAsync);
        _uploader = new PlanUploader(cluster, time, Events.Silence);
        _mostTime = options.JobTimeout;
        _policy = new TaskPolicy(
            cluster.MaxTaskFailures, options.Speculation.Enabled, EffectiveSettings.MaxResultSizeOf(options),
            MaxWorkerDeaths: options.Retry.MaxWorkerDeaths, NoWorkerTimeout: options.NoWorkerTimeout);
        _renewal = time.Every(s_renewEvery, () => cluster.Grains.GetGrain<IClusterGrain>(0).RenewLeaseAsync(Context));
    }

    /// <summary>What happens to the jobs and their cluster.</summary>
    public EventFeed Events { get; }

    /// <summary>What the tasks of the jobs say.</summary>
    public TaskLines Lines { get; }

    /// <summary>The outputs that the program can still name.</summary>
    internal OutputNames Names => _names;

    public ContextId Context { get; } = ContextId.New();

    public override int DefaultParallelism => _defaultParallelism();

    public override TimeProvider Time => _time;

    public override bool Fused { get; }

    public override bool SharesMemory => _cluster.SharesMemory;

    public bool IsClosed => _closed;

    /// <summary>The group that actions started by the current flow of execution belong to.</summary>
    public ActionGroup? Group
    {
        get => _group.Value;
        set => _group.Value = value;
    }

    public override void EnsureUsable()
    {
        EnsureOpen();
        EnsureNoTask();
    }

    /// <exception cref="InvalidOperationException">The caller is a task: it would wait for slots of which it holds one.</exception>
    public static void EnsureNoTask()
    {
        if (TaskContext.Current is not null)
        {
            throw new InvalidOperationException(
                "A task may not use an Rdd or the context: it runs on a worker, jobs are started by the program. Collect what the task "
                + "needs before, or join the two RDDs.");
        }
    }

    public override async Task RunAsync(JobRequest request, Action<TaskResult> onResult, CancellationToken cancellationToken)
    {
        var awaited = await SubmitAsync(request, _policy, cancellationToken).ConfigureAwait(false);
        try
        {
            await awaited.FollowAsync((results, stop) => _results.ReadAsync(awaited.Id, results, onResult, stop)).ConfigureAwait(false);
        }
        catch
        {
            await awaited.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        // Its blocks go while the program has its results already.
        awaited.DisposeAsync().AsTask().Forget();
    }

    public override async Task<ResultStream> OpenAsync(JobRequest request, CancellationToken cancellationToken)
    {
        var stream = new JobStream(
            await SubmitAsync(request, _policy with { MaxResultSize = 0 }, cancellationToken).ConfigureAwait(false), request.Partitions!,
            _results, _time, cancellationToken);
        try
        {
            await stream.StartAsync(request.Patience).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override async Task UnpersistAsync(LineageId lineage, CancellationToken cancellationToken)
    {
        EnsureUsable();
        var grain = _cluster.Grains.GetGrain<IClusterGrain>(0);
        await Repeat.Async(() => grain.UnpersistAsync(Context, lineage), _time, cancellationToken).ConfigureAwait(false);
    }

    public override async Task DropBroadcastAsync(BroadcastContent content, bool destroyed, CancellationToken cancellationToken)
    {
        EnsureUsable();

        // Those that were given the pieces keep them, for tasks and jobs to come, until the broadcast is destroyed. Where it is not known
        // any more who they are, all keep them.
        var chunks = content.Chunks.ToArray();
        WorkerId[] keepers = destroyed ? [] : [.. chunks.SelectMany(_uploader.HoldersOf).Distinct()];
        if (!destroyed && Array.Exists(chunks, chunk => _uploader.HoldersOf(chunk).Length == 0))
        {
            chunks = [];
        }

        foreach (var chunk in destroyed ? chunks : [])
        {
            _uploader.Forget(chunk);
        }

        await Repeat.Async(
            () => _cluster.Grains.GetGrain<IClusterGrain>(0).DropBroadcastAsync(content.Id, chunks, keepers), _time, cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>How long one call may wait for news: with a progress bar not long.</summary>
    internal TimeSpan Slice => Events.Wanted ? EventFeed.Period : _cluster.Slice;

    internal Task MergeUpdatesAsync(
        IJobGrain job, IReadOnlyList<LineageId> counting, SortedDictionary<int, byte[]> results, CancellationToken cancellationToken) =>
        _updates.MergeAsync(job, [.. counting], results, cancellationToken);

    /// <summary>What a plan needs lies at workers that live now, when this ends: where it did before, or at others.</summary>
    internal Task<PlanRef> PutAsync(EncodedPlan plan, CancellationToken cancellationToken) =>
        _uploader.UploadAsync(plan, cancellationToken);

    /// <summary>
    /// Tells a job that could not be told so far that nobody wants it: for a minute, or until the context closes, which ends its lease.
    /// </summary>
    internal Task ReleaseLaterAsync(IJobGrain job) => Repeat.Async(job.ReleaseAsync, _time, _closing.Token);

    /// <summary>This context does not await the job any more.</summary>
    internal void Forget(JobId job) => _running.TryRemove(job, out _);

    /// <summary>Cancels this context's jobs of a group, or all of them.</summary>
    public void CancelJobs(string? group)
    {
        foreach (var job in _running.Values.Where(j => group is null || j.Group == group))
        {
            job.Cancel();
        }
    }

    /// <summary>Cancels a job of this or another client; nothing happens when it has ended.</summary>
    public Task CancelAsync(JobId job, CancellationToken cancellationToken)
    {
        EnsureUsable();
        return Repeat.Async(() => _cluster.Grains.GetGrain<IJobGrain>(job.Value).CancelAsync(), _time, cancellationToken);
    }

    /// <summary>Cancels what runs, and takes no more.</summary>
    public void Close()
    {
        _closed = true;
        _closing.Cancel();
        _renewal.Dispose();
        _names.Dispose();
        Events.Close();
        CancelJobs(null);
    }

    /// <summary>Submits a job that needs no client, and does not await it.</summary>
    public async Task<JobId> SubmitAsync(CapturedAction action, CancellationToken cancellationToken)
    {
        EnsureUsable();
        cancellationToken.ThrowIfCancellationRequested();
        var id = JobId.New();
        var grain = _cluster.Grains.GetGrain<IJobGrain>(id.Value);
        var group = Group;
        action.Begin();
        try
        {
            await _names.HoldAsync(action.Plan.Outputs).ConfigureAwait(false);
            await Events.StartAsync(id, action.Name, group?.Name, action.Plan, cancellationToken).ConfigureAwait(false);
            var plan = await _uploader.UploadAsync(action.Plan, cancellationToken).ConfigureAwait(false);
            var submission = new JobSubmission(
                id, Context, action.Name, group?.Name, plan, null, PolicyOf(_policy, group), Repeated: false, [.. action.Plan.Counting],
                ResultTypes.ShapeOf(action.Result, action.Joined), group?.Timeout ?? _mostTime, Sources: PlanSources.Of(action.Plan));
            await new JobWatcher(_time, grain, Events.Silence).SubmitAsync(submission, cancellationToken).ConfigureAwait(false);
            Events.WatchAsync(id, grain).Forget();
            HoldAsync(grain, action.Plan).Forget();

            return id;
        }
        catch (Exception e)
        {
            grain.ReleaseAsync().Forget();
            action.Abort?.Invoke();
            await Events.EndAsync(id, [], grain, e).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Follows a job of this or another client to its end, and reads its results where they are wanted.</summary>
    /// <param name="counting">Kept outputs of its plan whose tasks may add to accumulators; null when they are not to be counted
    /// here.</param>
    /// <param name="onResult">Null when the results are not read: a job that its own client awaits may have none left.</param>
    public async Task FollowAsync(
        JobId job, string name, IReadOnlyList<LineageId>? counting, Action<TaskResult>? onResult, CancellationToken cancellationToken)
    {
        EnsureUsable();
        await using var awaited = new AwaitedJob(job, name, null, _cluster, _time, this, cancellationToken);
        awaited.Attach(counting);
        _running.TryAdd(job, awaited);
        await awaited.FollowAsync((results, stop) =>
            onResult is null ? Task.FromResult(new List<CommittedResult>()) : _results.ReadAsync(job, results, onResult, stop))
                .ConfigureAwait(false);
    }

    /// <summary>How a job is, once something is new or after a short while.</summary>
    /// <exception cref="KeyNotFoundException">Nobody keeps a record of it.</exception>
    public async Task<JobSighting> LookAsync(JobId job, long seen, CancellationToken cancellationToken)
    {
        EnsureUsable();
        var grain = _cluster.Grains.GetGrain<IJobGrain>(job.Value);
        var sighting = await Repeat.Async(() => grain.LookAsync(seen, s_lookEvery), _time, cancellationToken).ConfigureAwait(false);
        return sighting.Summary is not null
            ? sighting
            : throw new KeyNotFoundException(
                $"No worker keeps a record of job {job}: it ended more than ten minutes ago, or it never ran on this cluster.");
    }

    private void EnsureOpen()
    {
        if (_closed)
        {
            throw new ObjectDisposedException(WhatIsClosed);
        }
    }

    /// <summary>
    /// A submitted job needs no client. But while there is one, its plan names the outputs that the job reads; and silos of this process
    /// may take the data that the plan names from here.
    /// </summary>
    private async Task HoldAsync(IJobGrain job, EncodedPlan plan)
    {
        for (var unknown = 0; unknown < MostUnknown;)
        {
            await _time.PauseAsync(SharesMemory ? s_lookEvery : s_renewEvery, _closing.Token).ConfigureAwait(false);
            var status = await Repeat.Async(job.StatusAsync, _time, _closing.Token).ConfigureAwait(false);
            if (status?.Ended is not null)
            {
                break;
            }

            // Those that held what it needs may be gone.
            _uploader.UploadAsync(plan, _closing.Token).Forget();

            // Right after a loss the silo that has its record may not answer.
            unknown = status is null ? unknown + 1 : 0;
        }

        GC.KeepAlive(plan);
    }

    /// <summary>With the job's place among others, as it is submitted now.</summary>
    private TaskPolicy PolicyOf(TaskPolicy policy, ActionGroup? group) => policy with
    {
        Share = new JobShare(_application, group?.Name, group?.Weight ?? 1, _time.GetUtcNow().UtcTicks),
    };

    private async Task<AwaitedJob> SubmitAsync(JobRequest request, TaskPolicy policy, CancellationToken cancellationToken)
    {
        EnsureUsable();
        if (Capture is not null)
        {
            throw new InvalidOperationException(
                $"{request.Name} cannot be submitted: its result is made by the program itself. {ActionsToSubmit}");
        }

        cancellationToken.ThrowIfCancellationRequested();
        var group = Group;
        var awaited = new AwaitedJob(JobId.New(), request.Name, group?.Name, _cluster, _time, this, cancellationToken);
        _running.TryAdd(awaited.Id, awaited);
        try
        {
            EnsureOpen();
            await awaited.SubmitAsync(
                async stop =>
                {
                    await _names.HoldAsync(request.Plan.Outputs).ConfigureAwait(false);
                    await Events.StartAsync(awaited.Id, request.Name, awaited.Group, request.Plan, stop).ConfigureAwait(false);
                    var plan = await _uploader.UploadAsync(request.Plan, stop).ConfigureAwait(false);
                    return new JobSubmission(
                        awaited.Id, Context, request.Name, awaited.Group, plan,
                        request.Partitions is { } some ? PartitionRuns.Of(some) : null, PolicyOf(policy, group), Repeated: false,
                        [.. request.Plan.Counting], Timeout: group?.Timeout ?? _mostTime, Awaited: true,
                        Sources: PlanSources.Of(request.Plan));
                },
                request.Plan).ConfigureAwait(false);
            return awaited;
        }
        catch
        {
            await awaited.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
