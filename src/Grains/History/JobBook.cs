using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Plans;

namespace MicroSpark.Grains.History;

/// <summary>
/// The newest jobs that were driven on this silo, with their stages: what is known of a job longer than the ten minutes for which its
/// record lives. A job that changes its silo is in the books of both, and the later version counts.
/// </summary>
internal sealed class JobBook
{
    private const int MostJobs = 1000;

    /// <summary>Stages of all jobs together: one has a few hundred bytes.</summary>
    private const int MostStages = 1 << 14;

    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, Page> _jobs = [];
    private readonly Queue<JobId> _order = new();
    private long _version;
    private int _stages;

    /// <summary>
    /// Told of each job that ends here, with its plan and how far its stages were; null while nobody keeps logs.
    /// </summary>
    public Action<JobSummary, StageOutline[], StageState[]>? Ended { get; set; }

    /// <summary>Tells of a job that has ended.</summary>
    public void End(JobSummary summary, StageState[] stages)
    {
        if (Ended is { } ended)
        {
            ended(summary.Shortened(), Find(summary.Job)?.Stages ?? [], stages);
        }
    }

    /// <summary>Takes over a job that ended before this silo began, unless it is known, or would push another one out.</summary>
    public void Recall(JobSummary summary)
    {
        lock (_lock)
        {
            if (_order.Count < MostJobs && !_jobs.ContainsKey(summary.Job))
            {
                var page = PageOf(summary.Job);
                (page.Summary, page.Version) = (summary, ++_version);
            }
        }
    }

    /// <summary>Takes over where a job stands.</summary>
    public void Note(JobSummary summary)
    {
        lock (_lock)
        {
            var page = PageOf(summary.Job);
            page.Summary = summary.OwnedAs(page.Summary).Shortened();
            page.Version = ++_version;
        }
    }

    /// <summary>Takes over the plan of a job, whose skeleton has been read.</summary>
    public void Plan(JobSubmission submission, PlanSkeleton skeleton, LineageId result)
    {
        var stages = StageOutlines.Of(skeleton, result, submission.Sources ?? []);
        lock (_lock)
        {
            var page = PageOf(submission.Job);
            _stages += stages.Length - page.Stages.Length;
            page.Stages = stages;
            page.Version = ++_version;
            while (_stages > MostStages && _order.Count > 1)
            {
                Drop();
            }
        }
    }

    /// <summary>Jobs that have changed since a version of the book, without their stages.</summary>
    public (long Version, JobSummary[] Jobs) Since(long version)
    {
        lock (_lock)
        {
            return (_version, [.. _jobs.Values.Where(page => page.Version > version).Select(page => page.Summary).OfType<JobSummary>()]);
        }
    }

    /// <summary>What is known of one job; null when it is not in the book.</summary>
    public (JobSummary? Summary, StageOutline[] Stages)? Find(JobId job)
    {
        lock (_lock)
        {
            return _jobs.TryGetValue(job, out var page) ? (page.Summary, page.Stages) : null;
        }
    }

    private Page PageOf(JobId job)
    {
        if (!_jobs.TryGetValue(job, out var page))
        {
            if (_order.Count == MostJobs)
            {
                Drop();
            }

            _jobs.Add(job, page = new Page());
            _order.Enqueue(job);
        }

        return page;
    }

    private void Drop()
    {
        if (_jobs.Remove(_order.Dequeue(), out var oldest))
        {
            _stages -= oldest.Stages.Length;
        }
    }

    private sealed class Page
    {
        public JobSummary? Summary { get; set; }

        public StageOutline[] Stages { get; set; } = [];

        public long Version { get; set; }
    }
}
