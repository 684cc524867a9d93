using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// What time brings to a set of tasks: workers that join, that are silent, that have nothing to do while others have too much, and tasks
/// that are too slow.
/// </summary>
internal sealed class TaskSetWatch(TaskBoard board, WorkerLinks links)
{
    /// <summary>So long a task waits for the worker that has its data. It is also what is too little to be worth taking back.</summary>
    private static readonly TimeSpan s_nearby = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestLook = TimeSpan.FromMilliseconds(250);

    /// <summary>A worker answers each poll within a second: after two it is doubted.</summary>
    private static readonly TimeSpan s_doubt = TimeSpan.FromSeconds(2);

    /// <summary>Looks more and more seldom: most sets end before the first time.</summary>
    public void Start() => Background.Forget(async () =>
    {
        try
        {
            await LookAsync();
        }
        catch (Exception e)
        {
            // Nobody awaits this: what goes wrong here has to end the set.
            links.GaveUp(e);
        }
    });

    private async Task LookAsync()
    {
        var pause = s_nearby;
        var version = board.Pool.Version;
        var done = board.Done.Task.InTurnAsync();
        while (board.Open > 0)
        {
            var slept = board.Time.GetTimestamp();
            await done.WithinAsync(pause, board.Time);
            if (board.Open == 0)
            {
                return;
            }

            // Who looks too late must not blame others for it.
            var late = board.Time.GetElapsedTime(slept) - pause;
            pause = pause * 2 < s_longestLook ? pause * 2 : s_longestLook;
            board.Queue.MayLeaveHome = true;
            Doubt(late);
            if (version != board.Pool.Version)
            {
                version = board.Pool.Version;
                await links.LiveAsync();
            }

            links.Assign();
            Balance();
            await TryElsewhereAsync();
        }
    }

    /// <summary>
    /// A silent worker gets nothing more, and what it has is tried elsewhere too. Its late answers count if they are the first.
    /// </summary>
    private void Doubt(TimeSpan late)
    {
        foreach (var link in board.Links.Values)
        {
            if (link is { Doubted: false, Asked: { } asked } && board.Time.GetElapsedTime(asked) is var silent && silent - late >= s_doubt)
            {
                Doubt(link, (partition, attempt) => board.Log.Silent(partition, attempt, link.Worker, silent));
            }
        }
    }

    /// <summary>Its port refuses: nobody waits for its silence.</summary>
    public void Refused(WorkerLink link) =>
        Doubt(link, (partition, attempt) => board.Log.Refused(partition, attempt, link.Worker));

    /// <param name="note">Told of each task that is tried elsewhere: its partition, and the number of the attempt that is in doubt.</param>
    private void Doubt(WorkerLink link, Action<int, int> note)
    {
        if (board.Workers.Count < 2)
        {
            return;
        }

        link.Doubted = true;
        foreach (var (work, item) in link.Open.Values)
        {
            if (board.CanHaveCopy(work) && !board.Stage.SideEffects && !board.Stage.Barrier)
            {
                work.Avoid = link.Worker;
                board.Suspect(work);
                note(work.Partition, item.AttemptNumber);
                board.Return(work);
            }
        }
    }

    /// <summary>
    /// When nothing is left to hand out and a worker has free slots, tasks that others have not begun are taken back for it, from the one
    /// where they would wait longest.
    /// </summary>
    public void Balance()
    {
        if (board.Queue.Count > 0 || board.Stage.Barrier || board.Workers.Count < 2)
        {
            return;
        }

        var free = 0;
        foreach (var worker in board.Workers)
        {
            if (board.IsThere(worker.Id))
            {
                free += Math.Max(0, Math.Max(1, worker.Slots) - board.OpenAt(worker.Id));
            }
        }

        if (free > 0 && board.Links.Values.Where(IsWorthwhile).MaxBy(Wait) is { } slow)
        {
            var fair = (int)Math.Ceiling(slow.Queued * (double)free / (free + slow.Slots));
            slow.TakesBack = true;
            TakeBackAsync(slow, Math.Max(1, fair)).Forget();
        }
    }

    private bool IsWorthwhile(WorkerLink link) => link.Queued > 0 && !link.TakesBack && !link.Doubted && Wait(link) > s_nearby;

    /// <summary>
    /// How long the last of a worker's tasks waits for a slot; at the start nobody knows, and a task may take any time. Where nothing has
    /// ended for a while, what has the slots takes longer than others did, and is expected to take as long again.
    /// </summary>
    private TimeSpan Wait(WorkerLink link)
    {
        var mean = link.Mean >= 0 ? link.Mean : board.Stragglers.Median is { } median ? median : board.Queue.MayLeaveHome ? 1000 : 0;
        var known = TimeSpan.FromMilliseconds(link.Queued * mean / link.Slots);

        // What has ended comes a little later, in company.
        var still = board.Time.GetElapsedTime(link.Moved) - s_nearby;
        return still > known ? still : known;
    }

    /// <summary>Best effort: where it fails the tasks stay where they are.</summary>
    private async Task TakeBackAsync(WorkerLink link, int most)
    {
        try
        {
            await board.Pool.Get(link.Worker).TakeBackAsync(link.Request.Id, most);
        }
        finally
        {
            link.TakesBack = false;
        }
    }

    /// <summary>Gives tasks that are far slower than their peers a second attempt, at the workers that would end it first.</summary>
    private async Task TryElsewhereAsync()
    {
        if (!board.Stragglers.MayBe || board.Workers.Count < 2)
        {
            return;
        }

        var slow = Slow();
        if (slow.Count == 0)
        {
            return;
        }

        foreach (
            var worker in board.Workers.Where(w => board.OpenAt(w.Id) < w.Slots && board.IsThere(w.Id))
                .OrderBy(w => MeanAt(w.Id)).ToArray())
        {
            WorkerDescription now;
            try
            {
                now = await board.Pool.Get(worker.Id).DescribeAsync();
            }
            catch (Exception)
            {
                // A worker that fails this call, for any reason, is no place for a second attempt. The first attempt goes on, and its own
                // poll tells the error.
                continue;
            }

            var open = slow.Where(s => board.CanHaveCopy(s.Sent.Work) && s.Sent.Work.Spared != worker.Id).ToArray();
            foreach (var (link, sent, age) in PlacementPolicy.SecondAttempts(now, open.Select(static s => (s, s.Link.Worker))))
            {
                var far = link.ElementsOf(sent.Work.Partition);
                board.Log.Slow(sent.Work.Partition, sent.Item.AttemptNumber, link.Worker, worker.Id, age, far, board.Stragglers.MedianTime);
                sent.Work.Avoid = link.Worker;
                board.Queue.Add(sent.Work, worker.Id);
            }
        }

        links.Assign();
    }

    private List<(WorkerLink Link, SentTask Sent, TimeSpan Age)> Slow()
    {
        var slow = new List<(WorkerLink, SentTask, TimeSpan)>();
        foreach (var link in board.Links.Values)
        {
            foreach (var sent in link.Open.Values)
            {
                if (board.CanHaveCopy(sent.Work) && link.AgeOf(sent.Work.Partition, board.Time) is { } age && board.Stragglers.IsSlow(age))
                {
                    slow.Add((link, sent, age));
                }
            }
        }

        return slow;
    }

    private double MeanAt(WorkerId worker) =>
        board.Links.TryGetValue(worker, out var link) && link.Mean >= 0 ? link.Mean : board.Stragglers.Median ?? 0;
}
