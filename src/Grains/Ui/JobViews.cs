using System.Globalization;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>What the page shows of single jobs, made of what lies on the shelf.</summary>
internal sealed class JobViews(ClusterFeed cluster, JobFeed jobs, TimeProvider time)
{
    /// <summary>Jobs that advice is given on, and what they must have taken at least.</summary>
    private const int AdvisedJobs = 12;

    private const double AdvisedSeconds = 0.5;

    private readonly JobShelf _shelf = new(jobs.UpdateAsync, time);

    /// <summary>A job's page as JSON; null when nobody knows the job.</summary>
    public async Task<byte[]?> DetailAsync(JobId job, Viewer viewer)
    {
        // Advice depends on how many slots there are, which the first look tells.
        await cluster.NowAsync();
        return await _shelf.LookAsync(
            job, recording => $"json {cluster.Slots} {Sees(recording, viewer)}", recording => UiJson.Of(DetailOf(recording, viewer)));
    }

    /// <summary>A part of a job's stream as JSON; null when nobody knows the job.</summary>
    public Task<byte[]?> StreamAsync(JobId job, double from, double to, int pixels) => _shelf.LookAsync(
        job, _ => string.Create(CultureInfo.InvariantCulture, $"{from} {to} {pixels}"),
        recording => UiJson.Of(TaskStream.Of(recording, from, to, pixels)));

    public async Task<AdviceShape[]> AdviceAsync(Viewer viewer)
    {
        var advice = new List<AdviceShape>();
        foreach (var job in (await cluster.JobsAsync(viewer)).Where(static job => job.Seconds >= AdvisedSeconds).Take(AdvisedJobs))
        {
            advice.AddRange(
                await _shelf.LookAsync(
                    JobId.Parse(job.Id), recording => $"advice {cluster.Slots} {Sees(recording, viewer)}",
                    recording => DetailOf(recording, viewer).Advice) ?? []);
        }

        return [.. advice];
    }

    private JobDetail DetailOf(JobRecording recording, Viewer viewer) =>
        JobFigures.Of(recording, time.GetUtcNow(), cluster.Slots, Sees(recording, viewer));

    /// <summary>Whether the job's values are to be seen. Of a job of which its tasks alone are known nobody knows the owner.</summary>
    private static bool Sees(JobRecording recording, Viewer viewer) =>
        viewer.SeesAll || (recording.Summary is { } summary && viewer.Owns(summary.Owner));
}
