using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Grains.Records;
using MicroSpark.Model;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Keeps a job's record at two workers, or the only one, while the job changes. It makes one save at a time, not more often than needed,
/// and each save tells a keeper what is new. A keeper that is new, or that does not follow, gets a snapshot. When one of the two workers
/// dies, another one takes its place. For one thread at a time: the turns of the JobGrain.
/// </summary>
/// <param name="refused">
/// Called when a keeper knows of a later owner (<see cref="RecordReply.Superseded"/>), or that nobody wants the job.
/// </param>
internal sealed class RecordKeeper(IWorkerPool pool, TimeProvider time, Func<JobState.Known> current, Action<RecordReply> refused)
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(200);

    /// <summary>When a copy is missing that a live worker could keep: it may not have heard, or be dead and nobody knows it yet.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly List<WorkerId> _holders = [];

    /// <summary>
    /// Workers that had the record and are told of it no more. They must hear of the job's end: one that has it as running wakes the job
    /// when all others have forgotten it.
    /// </summary>
    private readonly HashSet<WorkerId> _former = [];
    private bool _dirty;
    private bool _urgent;
    private CancellationTokenSource? _pause;
    private bool _replacing;
    private bool _again;
    private Task? _saving;
    private Task _last = Task.CompletedTask;

    /// <summary>Whether the job is still this activation's. What is not is not saved again for want of a copy.</summary>
    public Func<bool> Owns { get; init; } = static () => true;

    /// <summary>
    /// The job was another activation's. Those that have its record go on with it: a former owner that still lives writes there too, and
    /// so each of the two hears of the other one.
    /// </summary>
    public void TakeOver(IReadOnlyList<WorkerId> keepers)
    {
        _holders.AddRange(keepers.Take(PlacementPolicy.Copies));
        _former.UnionWith(keepers.Skip(PlacementPolicy.Copies));
    }

    /// <summary>Saves unless somebody has the record of this activation: when the job began no worker may have been there for it.</summary>
    /// <inheritdoc cref="SaveAsync" path="/exception" />
    public Task SaveFirstAsync() => _replacing ? Task.CompletedTask : SaveAsync();

    /// <summary>Saves now; ends when two workers (or all, when there are fewer) have the record.</summary>
    /// <exception cref="ClusterUnavailableException">No worker could keep it.</exception>
    public Task SaveAsync()
    {
        // One behind the other: an entry follows the one before, also on its way.
        var save = SaveAfterAsync(_last);
        _last = save;
        return save;
    }

    /// <summary>Ends when nothing waits to be saved.</summary>
    public Task SavedAsync() => _saving ?? Task.CompletedTask;

    /// <summary>Saves soon, in the background.</summary>
    /// <param name="atOnce">Without the pause that gathers changes: somebody waits for this one.</param>
    public void Changed(bool atOnce = false)
    {
        (_dirty, _urgent) = (true, _urgent || atOnce);
        if (atOnce)
        {
            _pause?.Cancel();
        }

        _saving ??= SaveLoopAsync();
    }

    private async Task SaveLoopAsync()
    {
        while (_dirty)
        {
            if (!_urgent)
            {
                using var pause = _pause = new CancellationTokenSource();
                await Task.Delay(s_often, time, pause.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                _pause = null;
            }

            (_dirty, _urgent) = (false, false);
            try
            {
                await SaveAsync();
            }
            catch (ClusterUnavailableException)
            {
                // No worker left. The job itself finds out, and waits for one or fails; the next change is saved again.
            }
        }

        _saving = null;
    }

    private async Task SaveAfterAsync(Task before)
    {
        // How that one ended is told to whoever began it.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var job = current();
        var id = job.File.Submission.Job;
        var news = new News(job);
        _holders.RemoveAll(w => !pool.IsLive(w));
        var live = PlacementPolicy.KeepersOf(id, (await pool.LiveAsync()).Select(static w => w.Id));
        var others = new Queue<WorkerId>(live.Except(_holders));
        var replies = await Task.WhenAll(_holders.ToArray().Select(w => TellAsync(w, news, isNew: false)));
        while (_holders.Count < PlacementPolicy.Copies && others.Count > 0)
        {
            var missing = Math.Min(PlacementPolicy.Copies - _holders.Count, others.Count);
            var next = Enumerable.Range(0, missing).Select(_ => others.Dequeue()).ToArray();
            replies = [.. replies, .. await Task.WhenAll(next.Select(w => TellAsync(w, news, isNew: true)))];
        }

        if (_holders.Count == 0)
        {
            throw new ClusterUnavailableException(
                $"No worker could keep the record of job {id}. Start a worker and run the job again.");
        }

        if (_holders.Count < Math.Min(PlacementPolicy.Copies, live.Length) && !_again)
        {
            SaveAgainAsync().Forget();
        }

        _replacing = true;
        TellFormer(news);
        if (replies.Contains(RecordReply.Superseded))
        {
            refused(RecordReply.Superseded);
        }
        else if (replies.Contains(RecordReply.Unwanted))
        {
            refused(RecordReply.Unwanted);
        }
    }

    /// <summary>Nothing may change for hours, and the one that has the record may die.</summary>
    private async Task SaveAgainAsync()
    {
        _again = true;
        await Task.Delay(s_again, time);
        _again = false;
        if (Owns())
        {
            Changed();
        }
    }

    private void TellFormer(News news)
    {
        _former.ExceptWith(_holders);
        _former.RemoveWhere(worker => !pool.IsLive(worker));
        if (news.Job.EndedAt is not null)
        {
            foreach (var worker in _former.ToArray())
            {
                TellFormerAsync(worker, news).Forget();
            }
        }
    }

    private async Task TellFormerAsync(WorkerId worker, News news)
    {
        try
        {
            // Also when it knows a later owner, who then tells it.
            await WriteAsync(pool.Get(worker), news.Snapshot());
            _former.Remove(worker);
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            // The next save tells it again.
            _former.Add(worker);
        }
    }

    /// <returns>Kept when the worker did not turn the owner away.</returns>
    private async Task<RecordReply> TellAsync(WorkerId worker, News news, bool isNew)
    {
        try
        {
            var keeper = pool.Get(worker);
            var reply = isNew ? RecordReply.Behind : await WriteAsync(keeper, news.Writes());
            if (reply == RecordReply.Behind)
            {
                reply = await WriteAsync(keeper, news.Snapshot());
            }

            if (reply == RecordReply.Behind)
            {
                // Two snapshots met there. It is asked again with the next save, as one that is new.
                _holders.Remove(worker);
                return RecordReply.Kept;
            }

            if (isNew)
            {
                _holders.Add(worker);
                if (_replacing)
                {
                    // It takes the place of one that died, and so that one's copy of the plan and its code.
                    keeper.PrepareAsync(news.Job.File.Submission.Plan).Forget();
                }
            }

            return reply;
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            // The other copy is there; the next save finds another holder.
            _holders.Remove(worker);
            _former.Add(worker);
            return RecordReply.Kept;
        }
    }

    /// <summary>Up to the first that is not kept.</summary>
    private static async Task<RecordReply> WriteAsync(IWorkerGrain keeper, IEnumerable<RecordWrite> writes)
    {
        foreach (var write in writes)
        {
            var reply = await keeper.WriteRecordAsync(write);
            if (reply != RecordReply.Kept)
            {
                return reply;
            }
        }

        return RecordReply.Kept;
    }

    /// <summary>What one save tells.</summary>
    private sealed class News
    {
        private readonly RecordPoint _before;
        private readonly byte[][] _entries;
        private readonly byte[] _head;
        private readonly bool _unwanted;
        private readonly bool _wantsSnapshot;
        private RecordWrite[]? _snapshot;

        public News(JobState.Known job)
        {
            var log = job.File.Log;
            Job = job;
            _before = log.Point;
            _entries = log.Advance(job);
            _head = HeadCodec.Write(job.Summary());
            _unwanted = job.File.Unwanted;
            _wantsSnapshot = log.WantsSnapshot;
        }

        public JobState.Known Job { get; }

        /// <summary>For a keeper that has all that was told before.</summary>
        public IEnumerable<RecordWrite> Writes()
        {
            if (_wantsSnapshot)
            {
                return Snapshot();
            }

            var after = _before;
            return _entries.Select(entry =>
            {
                var write = Write(after.Next, after, 0, 1, entry);
                after = after.Next;
                return write;
            });
        }

        /// <summary>For a keeper that is new, or was away. Made once.</summary>
        public RecordWrite[] Snapshot()
        {
            if (_snapshot is null)
            {
                var parts = Job.File.Log.Snapshot(Job);
                var point = _before with { Sequence = _before.Sequence + _entries.Length };
                _snapshot = [.. parts.Select((part, i) => Write(point, null, i, parts.Length, part))];
            }

            return _snapshot;
        }

        private RecordWrite Write(RecordPoint point, RecordPoint? after, int part, int parts, byte[] entry) =>
            new(Job.File.Submission.Job, point, after, part, parts, _head, entry, Job.EndedAt, _unwanted);
    }
}
