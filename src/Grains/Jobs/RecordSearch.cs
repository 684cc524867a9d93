using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Records;
using MicroSpark.Model;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Finds a job's record after its silo was lost: of the keepers' logs the longest of the highest epoch.
/// One that says that nobody wants the job comes before any other.
/// </summary>
internal static class RecordSearch
{
    /// <summary>Null when no live worker keeps one.</summary>
    public static async Task<JobRecord?> FindAsync(IWorkerPool pool, JobId job, TimeProvider time)
    {
        var answers = await pool.AskAllAsync(w => w.ReadRecordAsync(job, 0), time);
        var kept = answers.Where(static a => a.Answer is not null)
            .OrderByDescending(static a => a.Answer!.Record.Unwanted).ThenByDescending(static a => a.Answer!.Record.Point).ToArray();
        foreach (var (worker, page) in kept)
        {
            try
            {
                if (await ReadAsync(pool.Get(worker), job, page) is { } record)
                {
                    return record with
                    {
                        Keepers = [.. kept.Select(static a => a.Worker)],
                        Newest = kept.Max(static a => a.Answer!.Record.Point.Epoch),
                    };
                }
            }
            catch (Exception e) when (CallErrors.IsTransient(e))
            {
                // It was lost with its copy. Another one may be as long.
                continue;
            }
        }

        return null;
    }

    private static async Task<JobRecord?> ReadAsync(IWorkerGrain worker, JobId job, RecordPage? page)
    {
        var entries = new List<byte[]>();
        RecordPoint? begun = null;
        while (page is not null)
        {
            if (begun is { } same && same != page.Base)
            {
                // A snapshot took the place of what was read so far.
                (begun, page) = (null, await worker.ReadRecordAsync(job, 0));
                entries.Clear();
                continue;
            }

            begun = page.Base;
            entries.AddRange(page.Entries);
            if (page.Next is not { } next)
            {
                return LogReader.Read(page.Record, entries);
            }

            page = await worker.ReadRecordAsync(job, next);
        }

        return null;
    }
}
