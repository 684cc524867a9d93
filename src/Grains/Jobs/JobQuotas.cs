using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Security;
using MicroSpark.Options;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// How many jobs of each name this silo drives, of the names that may have only so many: <see cref="OwnerLimits.Jobs"/>. What does not fit
/// is refused where it is submitted; a job that was another silo's and is taken over here counts, and is never refused. What counts is
/// what runs, by the activation that drives it: one that another activation has taken over counts there.
/// </summary>
internal sealed class JobQuotas
{
    private readonly Dictionary<string, Quota> _quotas = [];
    private readonly AuditLog _audit;

    public JobQuotas(MicroSparkOptions options, AuditLog audit)
    {
        _audit = audit;
        foreach (var limit in OwnerLimits.Of(options))
        {
            if (limit.Jobs is { } most)
            {
                _quotas.Add(limit.Name, new Quota(most, $"{limit.Setting}:MaxJobs"));
            }
        }
    }

    /// <summary>
    /// The job is about to be submitted, in the same turn: it has its place until it has moved to a state in which it does not run. One
    /// that is known, or that nobody wants, asks for none.
    /// </summary>
    /// <param name="refused">Called before the exception: nothing of the job stays here.</param>
    /// <exception cref="InvalidOperationException">Its owner has as many here as it may have.</exception>
    public void Admit(JobSubmission job, JobLife life, Action refused)
    {
        if (life.State is not JobState.Unknown || QuotaOf(job.Owner) is not { } quota || quota.TryAdd(life))
        {
            return;
        }

        refused();
        _audit.Denied(job.Owner!, null, $"have more than {quota.Most} jobs at a worker ({quota.Setting})");
        throw new InvalidOperationException(
            $"{job.Owner} has {quota.Most} jobs at this worker that run or wait, as many as it may have ({quota.Setting} is {quota.Most}): "
            + "submit this one when another has ended, or cancel one.");
    }

    /// <summary>A job has another state from now on. One in which nobody is seen follows only on an end.</summary>
    public void Moved(JobLife life, JobState to)
    {
        if (_quotas.Count > 0 && QuotaOf(to.Seen?.File.Submission.Owner) is { } quota)
        {
            quota.Set(life, runs: to is JobState.Running);
        }
    }

    private Quota? QuotaOf(string? owner) => owner is null ? null : _quotas.GetValueOrDefault(owner);

    private sealed class Quota(int most, string setting)
    {
        private readonly HashSet<JobLife> _jobs = new(ReferenceEqualityComparer.Instance);

        public int Most => most;

        public string Setting => setting;

        public bool TryAdd(JobLife life)
        {
            lock (_jobs)
            {
                if (_jobs.Count < most)
                {
                    _jobs.Add(life);
                }

                return _jobs.Contains(life);
            }
        }

        public void Set(JobLife life, bool runs)
        {
            lock (_jobs)
            {
                _ = runs ? _jobs.Add(life) : _jobs.Remove(life);
            }
        }
    }
}
