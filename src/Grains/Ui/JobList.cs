using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>The jobs that the page's list has: the newest that any silo has told of.</summary>
internal sealed class JobList
{
    public const int Most = 2000;

    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, JobSummary> _jobs = [];

    /// <summary>Takes over what a silo says, unless another one has said something later.</summary>
    public void Learn(JobSummary job)
    {
        lock (_lock)
        {
            if (!_jobs.TryGetValue(job.Job, out var known) || AgeOf(job).CompareTo(AgeOf(known)) >= 0)
            {
                _jobs[job.Job] = job.OwnedAs(known);
            }
            else
            {
                _jobs[job.Job] = known.OwnedAs(job);
            }
        }
    }

    /// <summary>Takes over what the job's own grain says: null when it knows no such job, which has gone with its silo.</summary>
    public void Follow(JobId id, JobSummary? job)
    {
        lock (_lock)
        {
            if (job is null)
            {
                _jobs.Remove(id);
            }
            else
            {
                _jobs[id] = job.OwnedAs(_jobs.GetValueOrDefault(id)).Shortened();
            }
        }
    }

    /// <summary>What is known of a job; null when it is not in the list.</summary>
    public JobSummary? Find(JobId job)
    {
        lock (_lock)
        {
            return _jobs.GetValueOrDefault(job);
        }
    }

    /// <summary>The contexts of jobs whose owner is one of some.</summary>
    public HashSet<ContextId> Contexts(Func<string?, bool> owns)
    {
        lock (_lock)
        {
            return [.. _jobs.Values.Where(job => owns(job.Owner)).Select(static job => job.Context)];
        }
    }

    /// <summary>Jobs that have not ended, the newest first.</summary>
    public JobId[] Running(int most)
    {
        lock (_lock)
        {
            return [.. _jobs.Values.Where(static job => job.Phase == JobPhase.Running).OrderByDescending(static job => job.Started)
                .Take(most).Select(static job => job.Job)];
        }
    }

    /// <summary>Running jobs, then the others, the newest first.</summary>
    public JobShape[] Newest(int most, DateTimeOffset now)
    {
        lock (_lock)
        {
            return [.. _jobs.Values.OrderByDescending(static job => job.Phase == JobPhase.Running)
                .ThenByDescending(static job => job.Started).Take(most).Select(job => JobFigures.Of(job, now))];
        }
    }

    /// <summary>Forgets the oldest that have ended, when there are too many.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            if (_jobs.Count <= Most)
            {
                return;
            }

            foreach (var old in _jobs.Values.Where(static job => job.Phase != JobPhase.Running).OrderBy(static job => job.Started)
                .Take(_jobs.Count - Most).ToArray())
            {
                _jobs.Remove(old.Job);
            }
        }
    }

    private static (long, long, bool) AgeOf(JobSummary job) => (job.Epoch, job.Sequence, job.Phase != JobPhase.Running);
}
