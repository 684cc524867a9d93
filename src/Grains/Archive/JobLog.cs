using System.Runtime.InteropServices;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
using MicroSpark.Grains.Jobs;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Archive;

/// <summary>
/// Gathers what the silos remember of a job and writes it as one event log. Task ends go to the file as they come, page by page, so a job
/// of any size takes the memory of a page.
/// </summary>
internal sealed class JobLog(IWorkerPool pool, Func<WorkerId, IHistoryGrain> historyOf, ArchiveFolder folder)
{
    /// <summary>Task ends of one log. Of more, as many as were left out stand in the log.</summary>
    private const int MostTasks = 200_000;

    /// <summary>Clocks of two hosts may differ, and a silo's task ends are nearly in their order.</summary>
    private static readonly TimeSpan s_clocks = TimeSpan.FromMinutes(1);

    private int _tasks;

    public async Task WriteAsync(EndedJob job)
    {
        string path;
        using (var file = folder.Begin(job.Summary.Job))
        {
            path = file.Name;
            try
            {
                using var log = new JobLogWriter(file, job.Summary.Job);
                await WriteAsync(job, log);
            }
            catch
            {
                File.Delete(path);
                throw;
            }
        }

        folder.Commit(job.Summary.Job, path);
    }

    private async Task WriteAsync(EndedJob job, JobLogWriter log)
    {
        var summary = job.Summary;
        var ended = summary.Ended ?? summary.Started;
        var live = await pool.LiveAsync();
        foreach (var worker in live)
        {
            log.Joined(summary.Started, worker);
        }

        log.Started(summary, job.Plan);
        var numbers = job.Plan.ToDictionary(static stage => stage.Output, static stage => stage.Stage);
        var notes = new List<(SpanStage Stage, TaskNote Note)>();

        // Rows travel as they lie in memory: those of another version are not read.
        foreach (var worker in live.Where(static worker => worker.Protocol == ProtocolNumber.Current))
        {
            var (left, page) = await WriteTasksAsync(job, log, worker.Id, numbers);
            notes.AddRange(page?.Notes.SelectMany(static one => one.Notes.Select(note => (one.Stage, note))) ?? []);
            if (left > 0)
            {
                log.Missed(ended, worker.Id, left);
            }
        }

        foreach (var (stage, note) in notes.OrderBy(static one => one.Note.Time))
        {
            log.Noted(stage.Output, NumberOf(stage), note);
        }

        // The job's own stage has the job's name in the plan.
        var own = JobOutput.LineageOf(summary.Job);
        foreach (var stage in job.Stages.Where(static stage => stage.Done == stage.Total))
        {
            log.Completed(ended, numbers.ContainsKey(stage.Lineage) ? stage.Lineage : own, stage.Stage, stage.Total);
        }

        log.Ended(summary);

        int NumberOf(SpanStage stage) => numbers.TryGetValue(stage.Output, out var number) ? number : stage.Stage;
    }

    /// <summary>Returns how many task ends have no place in the log, and the last page; null of a worker that does not answer.</summary>
    private async Task<(long Left, HistoryPage? Last)> WriteTasksAsync(
        EndedJob job, JobLogWriter log, WorkerId worker, Dictionary<LineageId, int> numbers)
    {
        var (left, from, last) = (0L, 0L, default(HistoryPage));
        while (await TryAsync(() => historyOf(worker).HistoryAsync(job.Summary.Job, from, (job.Summary.Started - s_clocks).UtcTicks))
            is { } page)
        {
            var keys = (page.Keys ?? []).ToDictionary(static one => (one.Stage.Output, one.Partition));
            var failures = page.Failures.ToLookup(static one => (one.Stage.Output, one.Task.Partition, one.Task.AttemptNumber));
            foreach (var row in MemoryMarshal.Cast<byte, TaskRow>(page.Rows).ToArray())
            {
                if (_tasks >= MostTasks || log.Length >= folder.LargestLog)
                {
                    left++;
                    continue;
                }

                _tasks++;
                var stage = page.Stages[row.Stage];
                var failure = row.End == (byte)TaskEnd.Succeeded
                    ? null : failures[(stage.Output, row.Partition, row.Attempt)].FirstOrDefault();
                var key = row.End == (byte)TaskEnd.Succeeded ? keys.GetValueOrDefault((stage.Output, row.Partition)) : null;
                log.Ended(
                    stage.Output, numbers.TryGetValue(stage.Output, out var number) ? number : stage.Stage, worker,
                    row.Span(failure?.Task.Error) with { Key = key?.Key, KeyValues = key?.Values ?? 0, At = failure?.Task.At },
                    failure?.Operator,
                    failure?.Stack);
            }

            (from, last) = (page.Next, page);
            if (!page.More)
            {
                break;
            }
        }

        return (left, last);
    }

    /// <summary>Null from a worker that does not answer: the others are written down.</summary>
    private static async Task<HistoryPage?> TryAsync(Func<Task<HistoryPage>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            return null;
        }
    }
}
