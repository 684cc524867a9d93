using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Runs a set of tasks of one stage on the live workers. It keeps the queue, and each worker takes as it has room: a window of tasks with
/// each poll, nearest data first. A failing task is tried again, on another worker where there is one, up to the policy's limit. A lost
/// worker's tasks go to the others, and its death is charged to each of them: apart from failures, up to a limit of its own. What a slow
/// worker has not begun is taken back, and what it has gets a second attempt. For one thread at a time: the turns of the grain that owns
/// it.
/// </summary>
/// <param name="deaths">What is known of its tasks from earlier sets and owners; null when nothing is.</param>
internal sealed class TaskSetRunner(
    StageSpec stage, IWorkerPool pool, TimeProvider time, int firstAttempt = 0, SiloEvents? events = null, BatchId? reservation = null,
    WorkerDeaths? deaths = null)
    : IWorkerTaskSet
{
    /// <summary>Ends without success and without a failure of the task's own (a worker that drops it) before the set gives up.</summary>
    private const int MostReturns = 20;

    /// <summary>
    /// So long a task waits for what its job's client had put at workers that are gone: a client that lives puts it again.
    /// </summary>
    private static readonly TimeSpan s_missingPause = TimeSpan.FromSeconds(1);

    private readonly TaskBoard _board = new(stage, pool, time, events);
    private readonly WorkerDeaths _deaths = deaths ?? new WorkerDeaths(new DeathBook(pool, time), stage);

    private WorkerLinks? _links;
    private LoneTasks? _lone;
    private JobStake[]? _jobs;
    private Action<TaskReport> _ended = static _ => { };

    /// <summary>Told of each worker that is lost with its process while it has tasks of the set.</summary>
    public Action<WorkerId> WorkerDied { get; init; } = static _ => { };

    public async Task RunAsync(IReadOnlyList<PlacedPartition> partitions, InputVersion[] inputs, Action<TaskReport> ended)
    {
        (_ended, _board.Open) = (ended, partitions.Count);
        if (_board.Open == 0)
        {
            return;
        }

        _board.Stragglers.Expect(_board.Open);
        _board.Queue.Expect(partitions);

        TaskSetWatch? watch = null;
        _links = new WorkerLinks(_board, inputs, firstAttempt, reservation)
        {
            Arrived = Handle,
            Lost = Lose,
            Refused = link => watch?.Refused(link),
            Rested = () => watch?.Balance(),
            GaveUp = GiveUp,
        };
        watch = new TaskSetWatch(_board, _links);
        _lone = new LoneTasks(_board, _links);
        if (_jobs is not null)
        {
            _links.Share(_jobs);
        }

        if (await _links.LiveAsync())
        {
            var at = PlacementPolicy.Spread(partitions, _board.Workers, stage.Output);
            for (var i = 0; i < at.Length; i++)
            {
                Place(partitions[i], at[i]);
            }

            _links.Assign();
            watch.Start();
        }
        else
        {
            GiveUp(null);
        }

        // The set lives on for as long as its tasks do. Their list need not.
        partitions = [];
        await _board.Done.Task;
    }

    public void Stop() => EndAll(TaskReport.Cancelled);

    public void Share(JobStake[] jobs)
    {
        _jobs = jobs;
        _links?.Share(jobs);
    }

    public void Cancel(int partition)
    {
        if (_board.Works.TryGetValue(partition, out var work))
        {
            End(work, TaskReport.Cancelled(partition));
        }
        else if (_board.Queue.RemoveUntried(partition))
        {
            Conclude(TaskReport.Cancelled(partition));
        }
    }

    /// <summary>Puts a task where it waits for a worker, unless it has ended meanwhile.</summary>
    private void Place(PlacedPartition placed, WorkerId at)
    {
        var deaths = stage.Barrier ? 0 : _deaths.Of(placed.Partition);
        if (stage.Barrier && at != placed.Preferred)
        {
            // Its worker is gone, and with it the slot that was kept for it.
            Cancel(placed.Partition);
        }
        else if (deaths == 0)
        {
            _board.Queue.Place(placed.Partition, at, isHome: !placed.Dealt && placed.Preferred == at);
        }
        else if (_board.Queue.RemoveUntried(placed.Partition))
        {
            var work = new TaskWork(placed.Partition) { Home = placed.Dealt ? null : placed.Preferred, Deaths = deaths };
            _board.Works.Add(work.Partition, work);
            if (deaths >= stage.Policy.MostDeaths)
            {
                // Its last owner had no time to say so.
                End(work, TaskReport.Failed(work.Partition, null, _deaths.Killer(work.Partition), deaths));
            }
            else if (work.RunsAlone)
            {
                _lone!.Add(work);
            }
            else
            {
                _board.Suspect(work);
                _board.Queue.Add(work, at);
            }
        }
    }

    private void Handle(WorkerLink link, ReportPage page)
    {
        link.Note(page, _board.Time.GetTimestamp());
        foreach (var report in page.Reports)
        {
            if (report.Span is { } span)
            {
                _board.Log.Witness(link.Worker, span);
            }

            // Of an earlier attempt at the partition on this worker nobody wants to hear any more.
            if (link.Open.TryGetValue(report.Partition, out var sent) && sent.Item.Attempt == report.Attempt)
            {
                link.Open.Remove(report.Partition);
                sent.Work.Running--;
                if (report.End == TaskEnd.Succeeded)
                {
                    link.Took(report.Milliseconds);
                }

                if (!sent.Work.Ended)
                {
                    Handle(link, sent, report);
                }
            }
        }

        _deaths.TellCleared();
    }

    private void Handle(WorkerLink link, SentTask sent, TaskReport report)
    {
        var work = sent.Work;
        switch (report.End)
        {
            case TaskEnd.Succeeded:
                End(work, report);
                break;
            case TaskEnd.Failed when report.Failure is { IsBlobMissing: true } && Waits(work):
                _board.Log.BlobMissing(work.Partition, link.AttemptAt(report, sent), link.Worker, work.Running == 0);
                ReturnLaterAsync(work).Forget();
                break;
            case TaskEnd.Failed when report.Failure is { IsNoRoom: true } && HasRoomElsewhere(work, link.Worker):
                _board.Log.NoRoom(work.Partition, link.AttemptAt(report, sent), link.Worker, report.Failure, work.Running == 0);
                work.Avoid = link.Worker;
                Return(work);
                break;
            case TaskEnd.Failed when report.Failure is { CanRetry: true } && ++work.Failures < stage.Policy.MaxTaskFailures:
                _board.Log.Failed(
                    work.Partition, link.AttemptAt(report, sent), link.Worker, report.Failure, work.Failures, work.Running == 0);
                work.Avoid = report.Worker;
                Return(work);
                break;
            case TaskEnd.Failed:
                End(work, report.After(work.Failures));
                break;
            case TaskEnd.InputLost when work.Running == 0:
                End(work, report);
                break;
            case TaskEnd.InputLost:
                // Its other attempt may have what this one did not find. No third one will.
                work.LostInput = true;
                break;
            case TaskEnd.TakenBack:
                work.Attempts--;
                work.TakenFrom = link.Worker;
                _board.TakenBack[link.Worker] = _board.Time.GetTimestamp();
                Return(work);
                break;
            case TaskEnd.Cancelled:
                _board.Log.GivenBack(work.Partition, link.AttemptAt(report, sent), link.Worker, again: work.Running == 0);
                if (work.Running == 0)
                {
                    GiveBack(work, report.Worker, "its worker dropped it");
                }

                break;
        }
    }

    /// <summary>The task did not run to its end through no fault of its own.</summary>
    private void GiveBack(TaskWork work, WorkerId worker, string why)
    {
        if (stage.Barrier)
        {
            // The others have to start again too.
            Cancel(work.Partition);
        }
        else if (++work.Returns <= MostReturns)
        {
            work.Avoid = worker;
            Return(work);
        }
        else
        {
            End(work, Failed(work, worker, new TaskFailure(
                typeof(ClusterUnavailableException).FullName!,
                $"The task was sent out {work.Returns} times and came back undone; the last time {why}.",
                null, null, null, null, CanRetry: false, null, null)));
        }
    }

    private void Return(TaskWork work)
    {
        if (work.Running == 0 && work.RunsAlone)
        {
            // A second attempt may have waited: it would run in company.
            _board.Queue.Remove(work);
            _lone!.Add(work);
        }
        else if (work.Running == 0)
        {
            _board.Return(work);
        }
    }

    /// <summary>Whether a worker is left that has not refused it for want of room. One that refuses it twice ends the search.</summary>
    private bool HasRoomElsewhere(TaskWork work, WorkerId full) => !stage.Barrier
        && (work.FullAt ??= []).Add(full) && _board.Workers.Any(w => !work.FullAt.Contains(w.Id));

    private bool Waits(TaskWork work) => !stage.Barrier
        && _board.Time.GetElapsedTime(work.MissingSince ??= _board.Time.GetTimestamp()) < stage.Policy.PlanPatience;

    private async Task ReturnLaterAsync(TaskWork work)
    {
        await Task.Delay(s_missingPause, _board.Time);
        if (!work.Ended)
        {
            Return(work);
            _links!.Assign();
        }
    }

    /// <summary>The worker will not report the rest: it goes elsewhere. An error of a live worker counts as the tasks' failure.</summary>
    private void Lose(WorkerLink link, Exception? error)
    {
        // Where a task runs alone, no other one has a slot.
        var charged = link.Died && !stage.Barrier && (link.IsAlone || !_board.HasOneAlone.Contains(link.Worker));
        if (link.Died && link.Open.Count > 0)
        {
            WorkerDied(link.Worker);
        }

        if (charged)
        {
            _deaths.Add([.. link.Open.Values.Where(static s => !s.Work.Ended).Select(static s => s.Work.Partition)], link.Worker);
        }

        foreach (var sent in link.Open.Values.ToArray())
        {
            var work = sent.Work;
            link.Open.Remove(work.Partition);
            var alone = --work.Running == 0;
            if (work.Ended)
            {
                continue;
            }

            if (charged)
            {
                work.Deaths = _deaths.Of(work.Partition);
                _board.Suspect(work);
            }

            var failed = alone && charged && work.Deaths >= stage.Policy.MostDeaths;
            if (error is null || !alone)
            {
                _board.Log.WorkerLost(
                    work.Partition, sent.Item.AttemptNumber, link.Worker, again: alone && !failed, work.RunsAlone ? work.Deaths : 0);
            }

            if (failed)
            {
                End(work, TaskReport.Failed(work.Partition, link.Worker, _deaths.Killer(work.Partition), work.Deaths));
            }
            else if (alone && error is null)
            {
                GiveBack(work, link.Worker, "its worker was lost");
            }
            else if (alone)
            {
                Handle(link, sent, Failed(work, link.Worker, TaskFailure.Of(error!)));
            }
        }
    }

    /// <summary>What is left ends: nobody came to run it, or something is wrong that no other worker would mend.</summary>
    private void GiveUp(Exception? error) => EndAll(partition => error is null
        ? TaskReport.NoWorker(partition)
        : TaskReport.Failed(
            partition, null, TaskFailure.Of(error, canRetry: false), _board.Works.GetValueOrDefault(partition)?.Failures ?? 0));

    private void EndAll(Func<int, TaskReport> how)
    {
        foreach (var work in _board.Works.Values.ToArray())
        {
            End(work, how(work.Partition));
        }

        foreach (var partition in _board.Queue.Untried)
        {
            if (_board.Queue.RemoveUntried(partition))
            {
                Conclude(how(partition));
            }
        }
    }

    private static TaskReport Failed(TaskWork work, WorkerId? worker, TaskFailure failure) =>
        TaskReport.Failed(work.Partition, worker, failure, work.Failures);

    /// <summary>First wins: what else runs for the partition is cancelled.</summary>
    private void End(TaskWork work, TaskReport report)
    {
        if (work.Ended)
        {
            return;
        }

        work.Ended = true;
        _board.Works.Remove(work.Partition);
        _board.Queue.Remove(work);
        if (report.End == TaskEnd.Succeeded)
        {
            _deaths.Clear(work.Partition);
            _board.Stragglers.Succeeded(report.Milliseconds);
        }

        if (work.Running > 0)
        {
            foreach (var link in _board.AllLinks.Where(b => b.Open.ContainsKey(work.Partition)))
            {
                if (report.End == TaskEnd.Succeeded)
                {
                    _board.Log.Superseded(work.Partition, link.Open[work.Partition].Item.AttemptNumber, link.Worker, report.Worker);
                }

                link.Stopped.Add(work.Partition);
                _links!.StopStopped(link);
            }
        }

        Conclude(report);
    }

    private void Conclude(TaskReport report)
    {
        _ended(report);
        if (--_board.Open == 0)
        {
            _board.Done.TrySetResult();
        }
    }
}
