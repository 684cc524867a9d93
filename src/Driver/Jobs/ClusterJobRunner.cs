using System.Collections.Concurrent;
using MicroSpark.Cluster;
using MicroSpark.Clusters;
using MicroSpark.Engine;
using MicroSpark.Rdds;
using MicroSpark.SharedVariables;
using MicroSpark.Workers;

namespace MicroSpark.Jobs;

/// <summary>Runs a context's jobs on its cluster.</summary>
internal sealed class ClusterJobRunner : JobRunner
{
    private static readonly TimeSpan s_renewEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<JobId, RunningJob> _running = new();
    private readonly AsyncLocal<string?> _group = new();
    private readonly ICluster _cluster;
    private readonly TimeProvider _time;
    private readonly PlanUploader _uploader;
    private readonly ResultReader _results;
    private readonly AccumulatorUpdates _updates;
    private readonly TaskPolicy _policy;
    private readonly ITimer _renewal;
    private volatile bool _closed;

    public ClusterJobRunner(ICluster cluster, MicroSparkOptions options, int defaultParallelism, TimeProvider time)
    {
        (_cluster, _time) = (cluster, time);
        DefaultParallelism = defaultParallelism;
        Fused = options.Fused;
        _uploader = new PlanUploader(cluster, time);
        _results = new ResultReader(cluster);
        _updates = new AccumulatorUpdates(cluster, time);
        _policy = new TaskPolicy(cluster.MaxTaskFailures, options.Speculation.Enabled);
        _renewal = time.CreateTimer(
            _ => cluster.Grains.GetGrain<IClusterGrain>(0).RenewLeaseAsync(Context).Forget(), null, s_renewEvery, s_renewEvery);
    }

    /// <summary>Raised when the watch on a job brings news; the last time with <see cref="JobProgress.Ended"/>.</summary>
    public event Action<JobProgress>? Progress;

    public ContextId Context { get; } = ContextId.New();

    public override int DefaultParallelism { get; }

    public override TimeProvider Time => _time;

    public override bool SingleProcess => _cluster.SharesMemory;

    public override bool Fused { get; }

    public override bool SharesMemory => _cluster.SharesMemory;

    /// <summary>The group that actions started by the current flow of execution belong to.</summary>
    public string? Group
    {
        get => _group.Value;
        set => _group.Value = value;
    }

    public override void EnsureUsable()
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(MicroSparkContext));
        EnsureNoTask();
    }

    /// <exception cref="InvalidOperationException">The caller is a task: it would wait for slots of which it holds one.</exception>
    public static void EnsureNoTask()
    {
        if (TaskContext.Current is not null)
        {
            throw new InvalidOperationException(
                "A task may not use an Rdd or the context: it runs on a worker, jobs are started by the program. Collect what the task needs before, or join the two RDDs.");
        }
    }

    public override async Task RunAsync(JobRequest request, Action<TaskResult> onResult, CancellationToken cancellationToken)
    {
        EnsureUsable();
        cancellationToken.ThrowIfCancellationRequested();
        using var job = new RunningJob(JobId.New(), Group, cancellationToken);
        _running.TryAdd(job.Id, job);
        var grain = _cluster.Grains.GetGrain<IJobGrain>(job.Id.Value);
        var watch = new JobWatcher(_time, grain);
        var submitted = false;
        try
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(MicroSparkContext));
            var plan = await _uploader.UploadAsync(request.Plan, job.Cancelled).ConfigureAwait(false);
            submitted = true;
            await watch.SubmitAsync(
                new JobSubmission(job.Id, Context, request.Name, job.Group, plan, request.Partitions?.ToArray(), _policy, Repeated: false, [.. request.Plan.Counting]),
                job.Cancelled).ConfigureAwait(false);
            await FollowAsync(job.Id, request.Name, watch, request.Plan.Counting, onResult, job.Cancelled).ConfigureAwait(false);
            grain.ConsumedAsync().Forget();
        }
        catch (Exception e)
        {
            if (submitted)
            {
                await CancelAsync(grain).ConfigureAwait(false);
            }

            if (e is OperationCanceledException && job.Cancelled.IsCancellationRequested)
            {
                throw new OperationCanceledException(
                    $"Job {job.Id} ({request.Name}) was cancelled.", e, cancellationToken.IsCancellationRequested ? cancellationToken : default);
            }

            throw;
        }
        finally
        {
            _running.TryRemove(job.Id, out _);
            Tell(job.Id, request.Name, ended: true, watch.Stages);
        }
    }

    public override async Task UnpersistAsync(LineageId lineage, CancellationToken cancellationToken)
    {
        EnsureUsable();
        await Repeat.Async(
            () => _cluster.Grains.GetGrain<IRddGrain>(lineage.ToString()).UnpersistAsync(Context), _time, cancellationToken).ConfigureAwait(false);
    }

    public override async Task DropBroadcastAsync(BroadcastContent content, bool destroyed, CancellationToken cancellationToken)
    {
        EnsureUsable();

        // Those that were given the pieces keep them, for tasks and jobs to come, until the broadcast is destroyed.
        var chunks = content.Chunks.ToArray();
        WorkerId[] keepers = destroyed ? [] : [.. chunks.SelectMany(_uploader.HoldersOf).Distinct()];
        foreach (var chunk in destroyed ? chunks : [])
        {
            _uploader.Forget(chunk);
        }

        await Repeat.Async(
            () => _cluster.Grains.GetGrain<IClusterGrain>(0).DropBroadcastAsync(content.Id, chunks, keepers), _time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cancels this context's jobs of a group, or all of them.</summary>
    public void CancelJobs(string? group)
    {
        foreach (var job in _running.Values.Where(j => group is null || j.Group == group))
        {
            job.Cancel();
        }
    }

    /// <summary>Cancels what runs, and takes no more.</summary>
    public void Close()
    {
        _closed = true;
        _renewal.Dispose();
        CancelJobs(null);
    }

    /// <summary>Watches a job, of this or another client, to its end.</summary>
    /// <param name="counting">Kept outputs of its plan whose tasks may add to accumulators.</param>
    private async Task FollowAsync(
        JobId job, string name, JobWatcher watch, IReadOnlyList<LineageId> counting, Action<TaskResult> onResult, CancellationToken cancellationToken)
    {
        // By attempt: a job that goes on elsewhere before its newest results were on record commits those partitions anew, perhaps from
        // recomputed inputs. What it commits then replaces what came before, so that no two contents are ever mixed.
        var received = new Dictionary<int, AttemptId>();
        var updates = new SortedDictionary<int, byte[]>();
        while (true)
        {
            var slice = Progress is null ? _cluster.Slice : s_progressEvery;
            var update = await watch.NextAsync(slice, cancellationToken).ConfigureAwait(false);
            var fresh = update.Results.Where(r => !received.TryGetValue(r.Partition, out var earlier) || earlier != r.Attempt).ToArray();
            foreach (var result in fresh)
            {
                received[result.Partition] = result.Attempt;
                Note(result, updates);
            }

            var whole = fresh.Any(r => r.HasLostUpdates) ? fresh.Where(r => !r.HasLostUpdates).ToArray() : fresh;
            var lost = await _results.ReadAsync(job, whole, onResult, cancellationToken).ConfigureAwait(false);
            lost.AddRange(fresh.Except(whole));
            if (lost.Count > 0)
            {
                foreach (var result in lost)
                {
                    received.Remove(result.Partition);
                }

                await watch.ReportLostAsync([.. lost], cancellationToken).ConfigureAwait(false);
            }

            Tell(job, name, ended: false, update.Stages);
            if (update.Phase == JobPhase.Running || lost.Count > 0)
            {
                continue;
            }

            await _updates.MergeAsync(_cluster.Grains.GetGrain<IJobGrain>(job.Value), [.. counting], updates, cancellationToken).ConfigureAwait(false);
            switch (update.Phase)
            {
                case JobPhase.Succeeded:
                    return;
                case JobPhase.Cancelled:
                    throw new OperationCanceledException($"Job {job} ({name}) was cancelled.");
                default:
                    throw RemoteErrors.Of(job, update.Error!);
            }
        }
    }

    private static void Note(CommittedResult result, SortedDictionary<int, byte[]> updates)
    {
        if (result.Updates is { } added)
        {
            updates[result.Partition] = added;
        }
        else
        {
            updates.Remove(result.Partition);
        }
    }

    private void Tell(JobId job, string name, bool ended, StageState[] stages) =>
        Progress?.Invoke(new JobProgress(job, name, ended, [.. stages.Select(s => new StageProgress(s.Stage, s.Name, s.Done, s.Total, s.Traffic))]));

    /// <summary>Best effort: a cluster that cannot be told has lost the job, or stops it when nobody polls its tasks.</summary>
    private async Task CancelAsync(IJobGrain grain)
    {
        try
        {
            await grain.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (_closed || CallErrors.IsTransient(e))
        {
            _ = e;
        }
    }
}

/// <summary>A job that this context awaits.</summary>
internal sealed class RunningJob(JobId id, string? group, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    public JobId Id => id;

    public string? Group => group;

    public CancellationToken Cancelled => _cancel.Token;

    public void Cancel()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended meanwhile.
        }
    }

    public void Dispose() => _cancel.Dispose();
}
