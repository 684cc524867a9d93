using MicroSpark.Grains.Archive;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>One job, asked of the silos that had its tasks; one that has ended is read from its log, where there is one.</summary>
internal sealed class JobFeed(SiloCalls silos)
{
    /// <summary>Brings what is known of a job up to date; false when nobody knows it.</summary>
    public async Task<bool> UpdateAsync(JobRecording job)
    {
        if (job.IsRead)
        {
            return true;
        }

        // Rows travel as they lie in memory: those of another version are not read.
        var live = (await silos.LiveAsync()).Where(static worker => worker.Protocol == ProtocolNumber.Current).ToArray();
        if (job.Workers.Count == 0 && await ReadAsync(job, live))
        {
            return true;
        }

        foreach (var gone in job.Workers.Where(part => !live.Any(worker => worker.Id == part.Worker)))
        {
            job.Lose(gone.Worker);
        }

        var pages = await Task.WhenAll(live.Select(worker => PagesAsync(worker.Id, job.Job, job.PartOf(worker.Id).Next)));
        foreach (var page in pages.SelectMany(static one => one))
        {
            job.Add(page);
        }

        // What a job did not need was not asked for: the grain of one that is running knows how far it is.
        if (job.Summary is null or { Phase: JobPhase.Running } && (await silos.StatusAsync(job.Job)).State is { } status)
        {
            job.Summary = status;
        }

        return job.Summary is not null || job.Count > 0;
    }

    /// <summary>Stops a job's tasks; nothing happens when it has ended. False when it is another's.</summary>
    public async Task<bool> CancelAsync(JobId job, Viewer viewer)
    {
        // An owner never changes. A job that nobody keeps a record of is nobody's, and there is nothing to stop.
        var grain = silos.Job(job);
        if (!viewer.SeesAll && (await grain.StatusAsync() is not { } known || !viewer.Owns(known.Owner)))
        {
            return false;
        }

        await grain.CancelAsync();
        return true;
    }

    /// <summary>Reads the newest log that any worker keeps of the job; false when there is none that is whole.</summary>
    private async Task<bool> ReadAsync(JobRecording job, WorkerDescription[] live)
    {
        var first = await Task.WhenAll(live.Select(async worker =>
            (worker.Id, Page: await SiloCalls.TryAsync(() => silos.HistoryOf(worker.Id).LogAsync(job.Job, 0)))));
        var (keeper, page) = first.MaxBy(static one => one.Page?.Written);
        if (page is null)
        {
            return false;
        }

        var reader = new JobLogReader(job);
        while (page is not null)
        {
            reader.Add(page.Bytes);
            var next = page.Next;
            page = page.More ? await SiloCalls.TryAsync(() => silos.HistoryOf(keeper).LogAsync(job.Job, next)) : null;
        }

        return reader.End();
    }

    private async Task<List<HistoryPage>> PagesAsync(WorkerId worker, JobId job, long from)
    {
        var pages = new List<HistoryPage>();
        while (await SiloCalls.TryAsync(() => silos.HistoryOf(worker).HistoryAsync(job, from)) is { } page)
        {
            pages.Add(page);
            from = page.Next;
            if (!page.More)
            {
                break;
            }
        }

        return pages;
    }
}
