using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Driver.Clusters;
using MicroSpark.Driver.Events;
using MicroSpark.Driver.Jobs;
using MicroSpark.Driver.Lists;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Slots;

namespace MicroSpark;

public sealed partial class MicroSparkContext
{
    private static readonly TimeSpan s_listPatience = TimeSpan.FromSeconds(12);

    /// <summary>
    /// Puts the actions that this flow of execution starts, until the returned scope is disposed, into a group. It can be cancelled as one,
    /// and it has its own part of the slots: a context's groups share what the context has by their weights. A group whose tasks wait for
    /// 20 ms without a slot gets a thread above the slots, so small jobs in a group of their own do not wait for large ones.
    /// </summary>
    /// <param name="name">The group's name.</param>
    /// <param name="description">For people.</param>
    /// <param name="weight">
    /// Its part, beside those of the context's other groups: 1 to 100, default 1. Jobs in no group are together one of weight 1.
    /// </param>
    /// <param name="timeout">How long each job of the group may take, from its submission to its last result: above zero, up to 24 days. A
    /// job that takes longer is stopped as a cancelled one is, and fails with <see cref="JobFailedException"/> and a
    /// <see cref="TimeoutException"/> inside. The outer group's when null, and without one
    /// <see cref="MicroSparkOptions.JobTimeout"/>.</param>
    /// <returns>The scope; disposing it brings the outer group back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight or the timeout is out of its bounds.</exception>
    public IDisposable JobGroup(string name, string? description = null, int weight = 1, TimeSpan? timeout = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, TaskShare.LeastWeight);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, TaskShare.MostWeight);
        if (timeout is { } most && !OptionsValidator.IsTimeout(most))
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), most, "A job may take more than no time, and up to 24 days.");
        }

        _runner.EnsureUsable();
        var outer = _runner.Group;
        _runner.Group = new ActionGroup(name, weight, timeout ?? outer?.Timeout);
        return new GroupScope(_runner, outer);
    }

    /// <summary>Cancels this context's running jobs of a group; whoever awaits one gets <see cref="OperationCanceledException"/>.</summary>
    public Task CancelJobGroupAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return CancelAsync(name, cancellationToken);
    }

    /// <summary>Cancels all running jobs of this context.</summary>
    public Task CancelAllJobsAsync(CancellationToken cancellationToken = default) => CancelAsync(null, cancellationToken);

    /// <summary>Cancels a job of this or another client; nothing happens when it has ended.</summary>
    public Task CancelJobAsync(JobId job, CancellationToken cancellationToken = default) => _runner.CancelAsync(job, cancellationToken);

    /// <summary>
    /// The cluster's jobs, running or ended in the last ten minutes, of all clients, newest first. None when no worker answers for some
    /// seconds.
    /// </summary>
    public async Task<IReadOnlyList<JobInfo>> JobsAsync(CancellationToken cancellationToken = default)
    {
        var jobs = await AskOrNoneAsync(static c => c.JobsAsync(), cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(jobs, job => JobInfos.Of(job, _time.GetUtcNow()));
    }

    /// <summary>The live workers; none when no worker answers for some seconds.</summary>
    public async Task<IReadOnlyList<WorkerInfo>> WorkersAsync(CancellationToken cancellationToken = default) => Array.ConvertAll(
        await AskOrNoneAsync(static c => c.WorkersAsync(), cancellationToken).ConfigureAwait(false),
        static w => new WorkerInfo(w.Name, w.Address, w.Slots, w.SlotsBusy, w.MemoryUsed, w.MemoryBudget, WorkerState.Active)
        {
            GivenUp = w.GivenUp,
        });

    /// <summary>The persisted RDDs of which workers hold partitions, of all clients.</summary>
    public async Task<IReadOnlyList<RddInfo>> PersistentRddsAsync(CancellationToken cancellationToken = default)
    {
        var kept = await AskAsync(static c => c.KeptAsync(), cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(kept, static rdd => new RddInfo(
            rdd.Lineage, rdd.Name ?? "", StorageLevel.FromCode(rdd.StorageLevel), rdd.Computed, rdd.NumPartitions, rdd.MemoryBytes,
            rdd.DiskBytes));
    }

    /// <summary>What workers still remember of a job of any client; null when no worker keeps a record of it.</summary>
    internal Task<IReadOnlyList<EngineEvent>?> EventsOfAsync(JobId job, CancellationToken cancellationToken = default)
    {
        _runner.EnsureUsable();
        return _runner.Events.OfAsync(job, cancellationToken);
    }

    /// <summary>What the tasks of a job of any client said, as far as workers keep it, in the order of their clocks.</summary>
    /// <returns>The lines, and how many more there were.</returns>
    internal async Task<(IReadOnlyList<SaidLine> Lines, long Dropped)> LinesOfAsync(
        JobId job, CancellationToken cancellationToken = default)
    {
        var lines = new List<SaidLine>();
        var dropped = new Dictionary<WorkerId, DroppedLines[]>();
        var seen = new Dictionary<WorkerId, long>();
        for (var more = true; more;)
        {
            EventCursor[] cursors = [.. seen.Select(static s => new EventCursor(s.Key, s.Value))];
            var pages = await AskAsync(cluster => cluster.SaidAsync(job, cursors), cancellationToken).ConfigureAwait(false);
            foreach (var page in pages)
            {
                lines.AddRange(page.Lines);
                (seen[page.Keeper], dropped[page.Keeper]) = (page.Next, page.Dropped);
            }

            more = pages.Any(static page => page.More);
        }

        // A job that was driven at several silos has several beginnings.
        return ([.. lines.OrderBy(static line => line.Time)], dropped.Values.Sum(static some => some.Sum(static d => d.Count)));
    }

    /// <summary>
    /// Cancels the running jobs. Then makes the workers forget code that this program will not use again (lines of a prompt), and all they
    /// hold of its making.
    /// </summary>
    internal async Task ForgetCodeAsync(IEnumerable<Assembly> code, CancellationToken cancellationToken = default)
    {
        await CancelAllJobsAsync(cancellationToken).ConfigureAwait(false);
        var assemblies = code.Select(CodeSpace.Process.IdOf).OfType<AssemblyId>().ToArray();
        await AskAsync(
            async cluster =>
            {
                await cluster.ForgetCodeAsync(assemblies).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a function over the elements of some partitions and gives its results in the order asked.</summary>
    /// <param name="rdd">An RDD of this context.</param>
    /// <param name="perPartition">Runs on the workers.</param>
    /// <param name="partitions">Which ones; all when null.</param>
    /// <param name="cancellationToken">Stops the job's tasks.</param>
    /// <exception cref="ArgumentException">The RDD is another context's, or a partition does not exist.</exception>
    /// <exception cref="JobFailedException">A task failed for good.</exception>
    public Task<R[]> RunJobAsync<T, R>(
        Rdd<T> rdd, Func<IEnumerable<T>, R> perPartition, IReadOnlyList<int>? partitions = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rdd);
        return ReferenceEquals(rdd.Runner, _runner)
            ? rdd.RunJobAsync(perPartition, partitions, cancellationToken)
            : throw new ArgumentException("The RDD belongs to another context.", nameof(rdd));
    }

    /// <summary>Whoever asks for what is there wants to know soon that nothing is.</summary>
    private async Task<R[]> AskOrNoneAsync<R>(Func<IClusterGrain, Task<R[]>> ask, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(s_listPatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await AskAsync(ask, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    private Task<R> AskAsync<R>(Func<IClusterGrain, Task<R>> ask, CancellationToken cancellationToken)
    {
        _runner.EnsureUsable();
        return Repeat.Async(() => ask(_cluster.Grains.GetGrain<IClusterGrain>(0)), _time, cancellationToken);
    }

    /// <summary>Those that this process awaits, and those of this context that it no longer does.</summary>
    private async Task CancelAsync(string? group, CancellationToken cancellationToken)
    {
        _runner.CancelJobs(group);
        var jobs = await AskAsync(static c => c.JobsAsync(), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(jobs
            .Where(j => j.Phase == JobPhase.Running && j.Context == _runner.Context && (group is null || j.Group == group))
            .Select(j => CancelJobAsync(j.Job, cancellationToken))).ConfigureAwait(false);
    }

    private sealed class GroupScope(ClusterJobRunner runner, ActionGroup? outer) : IDisposable
    {
        private ClusterJobRunner? _runner = runner;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _runner, null) is { } runner)
            {
                runner.Group = outer;
            }
        }
    }
}
