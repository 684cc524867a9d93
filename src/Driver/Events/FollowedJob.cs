using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Events;

/// <summary>What the feed knows of one running job: sums of its stages, for progress.</summary>
internal sealed class FollowedJob(JobId job, string name, StagePlan[] plans, LineageId root, long since)
{
    private readonly Lock _lock = new();

    // By output: the number of a stage is its plan's own, and another job may have been the one that had it computed.
    private readonly Dictionary<LineageId, Sums> _stages = plans.ToDictionary(p => p.Output, p => new Sums(p));

    // A copy has the attempt that it copies.
    private readonly HashSet<(AttemptId, bool Copy)> _attempts = [];

    public JobId Job => job;

    public long Since => since;

    public IReadOnlyList<StagePlan> Plans => plans;

    /// <summary>
    /// Takes over how far the stages are; returns those that have just become complete, with as many partitions as the job wants.
    /// </summary>
    public List<StagePlan> Update(StageState[] states)
    {
        var completed = new List<StagePlan>();
        lock (_lock)
        {
            foreach (var state in states)
            {
                if (_stages.TryGetValue(state.Lineage == root ? plans[^1].Output : state.Lineage, out var sums))
                {
                    (sums.Done, sums.Total, sums.Traffic) = (state.Done, state.Total, state.Traffic);
                    if (state.Done == state.Total && !sums.Completed)
                    {
                        sums.Completed = true;
                        completed.Add(sums.Plan with { Partitions = state.Total });
                    }
                }
            }
        }

        return completed;
    }

    /// <summary>The number of the stage with this output; null when the plan has none.</summary>
    public int? StageOf(LineageId output) => _stages.TryGetValue(output, out var sums) ? sums.Plan.Stage : null;

    /// <summary>Counts an attempt that has ended; false when that is known already.</summary>
    public bool Count(LineageId output, AttemptId attempt, TaskAttempt run)
    {
        lock (_lock)
        {
            if (!_attempts.Add((attempt, run.Copy)))
            {
                return false;
            }

            if (_stages.TryGetValue(output, out var sums))
            {
                sums.Attempts++;
                sums.Retries += run is { Attempt: > 0, Copy: false } ? 1 : 0;
            }

            return true;
        }
    }

    /// <summary>Nothing is known to run, until the workers say.</summary>
    public void Idle()
    {
        lock (_lock)
        {
            foreach (var sums in _stages.Values)
            {
                sums.Running = 0;
            }
        }
    }

    public void Run(LineageId output, int count)
    {
        lock (_lock)
        {
            if (_stages.TryGetValue(output, out var sums))
            {
                sums.Running += count;
            }
        }
    }

    /// <summary>The stages that have begun.</summary>
    public JobProgress Progress(bool ended)
    {
        lock (_lock)
        {
            return new JobProgress(
                job, name, ended, [.. _stages.Values.Where(s => s.Total > 0).OrderBy(s => s.Plan.Stage).Select(s => new StageProgress(
                s.Plan.Output, s.Plan.Stage, s.Plan.Operator, s.Done, s.Total, s.Traffic)
            {
                Running = s.Running,
                Attempts = s.Attempts,
                Retries = s.Retries,
            })]);
        }
    }

    private sealed class Sums(StagePlan plan)
    {
        public StagePlan Plan => plan;

        public bool Completed { get; set; }

        public int Done { get; set; }

        public int Total { get; set; }

        public int Running { get; set; }

        public int Attempts { get; set; }

        public int Retries { get; set; }

        public TaskTraffic Traffic { get; set; }
    }
}
