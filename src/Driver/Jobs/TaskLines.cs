using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Events;
using MicroSpark.Model;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Driver.Jobs;

/// <summary>
/// What the tasks of this context's jobs say, told to its log. Workers of this process have told it there already. Of each job the first
/// lines are told; how many more there were is told at its end. However many watch a job, a line is told once.
/// </summary>
internal sealed partial class TaskLines(ILoggerFactory logs, TaskLogOptions options)
{
    /// <summary>Jobs of which it is known how much was told: those that said something lately.</summary>
    private const int MostJobs = 1_000;

    private readonly Dictionary<JobId, Heard> _jobs = [];
    private readonly Queue<JobId> _oldest = new();
    private readonly Lock _lock = new();
    private readonly ILogger _log = logs.CreateLogger(TaskLogs.Category);

    /// <summary>Takes each line in place of the log.</summary>
    public Action<JobId, SaidLine>? Instead { get; set; }

    /// <summary>A watch on a job brought news. A cluster that cannot be asked now is asked at the next.</summary>
    public async Task HearAsync(JobId job, IJobGrain grain, JobUpdate update, CancellationToken cancellationToken)
    {
        if (update.Said == 0 || options.MaxLines == 0)
        {
            return;
        }

        var heard = Of(job);
        await heard.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var more = heard.Version != update.Said;
            while (more)
            {
                var page = await grain.SaidAsync(heard.Next).ConfigureAwait(false);
                if (page.Keeper != heard.Keeper)
                {
                    // It is driven elsewhere now, where another beginning of its lines is kept.
                    (heard.Keeper, heard.Next) = (page.Keeper, 0);
                    page = await grain.SaidAsync(0).ConfigureAwait(false);
                }

                Tell(job, heard, page);
                more = page.More;
            }

            heard.Version = update.Said;
            if (update.Phase != JobPhase.Running)
            {
                TellDropped(job, heard);
            }
        }
        catch (Exception e) when (CallErrors.IsTransient(e, cancellationToken))
        {
            _ = e;
        }
        finally
        {
            heard.Gate.Release();
        }
    }

    private void Tell(JobId job, Heard heard, SaidPage page)
    {
        foreach (var line in page.Lines.Where(static line => IsAway(line.Worker)))
        {
            if (heard.Told >= options.MaxLines)
            {
                heard.Dropped++;
                continue;
            }

            heard.Told++;
            if (Instead is { } instead)
            {
                instead(job, line);
            }
            else
            {
                TaskLogs.Write(_log, job, line);
            }
        }

        heard.Next = page.Next;
        heard.NotKept = page.Dropped.Where(static dropped => IsAway(dropped.Worker)).Sum(static dropped => dropped.Count);
    }

    private void TellDropped(JobId job, Heard heard)
    {
        var dropped = heard.Dropped + heard.NotKept;
        if (dropped <= heard.DroppedTold)
        {
            return;
        }

        var more = dropped - heard.DroppedTold;
        heard.DroppedTold = dropped;
        if (Instead is { } instead)
        {
            var text = $"{more:N0} more lines were dropped; the workers' logs have them "
                + $"(MicroSpark:TaskLog:MaxLines is {options.MaxLines:N0})";
            instead(job, new SaidLine(default, default, -1, -1, 0, (byte)LogLevel.Warning, null, text));
        }
        else
        {
            LogDropped(_log, job, more, options.MaxLines);
        }
    }

    private static bool IsAway(WorkerId worker) => LocalWorkers.Find(worker) is null;

    private Heard Of(JobId job)
    {
        lock (_lock)
        {
            if (!_jobs.TryGetValue(job, out var heard))
            {
                if (_jobs.Count == MostJobs)
                {
                    _jobs.Remove(_oldest.Dequeue());
                }

                _jobs.Add(job, heard = new Heard());
                _oldest.Enqueue(job);
            }

            return heard;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Job {Job}: {Count} more lines were dropped; the workers' logs have them (MicroSpark:TaskLog:MaxLines is {Most})")]
    private static partial void LogDropped(ILogger logger, JobId job, long count, int most);

    /// <summary>How much of a job's lines is told.</summary>
    private sealed class Heard
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public WorkerId Keeper { get; set; }

        public int Next { get; set; }

        public long Version { get; set; }

        public int Told { get; set; }

        /// <summary>Lines that came and were too many.</summary>
        public long Dropped { get; set; }

        /// <summary>Lines that the cluster did not keep.</summary>
        public long NotKept { get; set; }

        public long DroppedTold { get; set; }
    }
}
