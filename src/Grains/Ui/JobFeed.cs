using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>One job, asked of the silos that had its tasks.</summary>
internal sealed class JobFeed(SiloCalls silos)
{
    /// <summary>Brings what is known of a job up to date; false when nobody knows it.</summary>
    public async Task<bool> UpdateAsync(JobRecording job)
    {
        // Rows travel as they lie in memory: those of another version are not read.
        var live = (await silos.LiveAsync()).Where(static worker => worker.Protocol == ProtocolNumber.Current).ToArray();
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

    /// <summary>Stops a job's tasks; nothing happens when it has ended.</summary>
    public Task CancelAsync(JobId job) => silos.Job(job).CancelAsync();

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
