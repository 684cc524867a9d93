using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Records;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// The one place where a job's <see cref="JobState"/> changes. Each transition is tried, logged and counted here. The owner is told of it
/// and acts on it. No Orleans, no calls, no clock of its own. For one thread at a time: the turns of the JobGrain.
/// </summary>
/// <param name="leaving">
/// Whether the silo has begun to stop. The ends of tasks from then on are due to the silo and not the job, so none of them is committed.
/// The requests of a client still count.
/// </param>
/// <param name="moved">Called after each change of state, with the former and the new one.</param>
internal sealed partial class JobLife(
    JobId job, TimeProvider time, Func<bool> leaving, TransitionCounts counts, ILogger logger, Action<JobState, JobState> moved)
{
    public const string Machine = "Job";

    public JobState State { get; private set; } = new JobState.Unknown();

    /// <summary>Whether the job goes on, here.</summary>
    public bool Drives => State is JobState.Running && !leaving();

    public bool Submit(JobSubmission submission, long epoch) =>
        Move(nameof(Submit), State.Submit(submission, epoch, time.GetUtcNow()), submission.Name);

    public bool TakeOver(JobRecord record, long epoch) => Move(nameof(TakeOver), State.TakeOver(record, epoch), record.Submission.Name);

    public bool Refuse() => Move(nameof(Refuse), State.Refuse(), "released before it came");

    public bool Commit(CommittedResult result)
    {
        if (!Drives || State.Commit(result) is null)
        {
            return false;
        }

        counts.Add(Machine, nameof(Commit));
        LogCommitted(logger, job, result.Partition, result.Attempt, result.Worker);
        return true;
    }

    public bool Succeed() => Drives && Move(nameof(Succeed), State.Succeed(time.GetUtcNow()), "all results are there");

    public bool Fail(JobError error) => Drives && Move(nameof(Fail), State.Fail(error, time.GetUtcNow()), error.Message);

    public bool Cancel(string reason) => Move(nameof(Cancel), State.Cancel(time.GetUtcNow()), reason);

    /// <summary>The same by somebody's word, which holds for whoever else owns the job too.</summary>
    public bool Stop(string reason)
    {
        if (State is not JobState.Running job)
        {
            return false;
        }

        job.File.Unwanted = true;
        return Cancel(reason);
    }

    public bool Reopen(CommittedResult[] lost) => Move(nameof(Reopen), State.Reopen(lost), "results could not be read");

    public bool Release() => Move(nameof(Release), State.Release(), "its client wants no results");

    public bool Expire() => Move(nameof(Expire), State.Expire(), "nobody asked for its results");

    public bool Leave(string reason) => Move(nameof(Leave), State.Leave(), reason);

    private bool Move(string transition, JobState? next, string reason)
    {
        if (next is null)
        {
            return false;
        }

        var from = State;
        State = next;
        counts.Add(Machine, transition);
        LogMoved(logger, LevelOf(transition, from, next), job, from.GetType().Name, next.GetType().Name, transition, reason);
        if (from != next)
        {
            moved(from, next);
        }

        return true;
    }

    /// <summary>
    /// A failure is a warning. A loss, or a running job that changes its owner, is worth knowing. All else is daily work.
    /// </summary>
    private static LogLevel LevelOf(string transition, JobState from, JobState to) => (transition, from, to) switch
    {
        (nameof(Fail), _, _) => LogLevel.Warning,
        (nameof(Reopen), _, _) or (nameof(TakeOver), _, JobState.Running) or (nameof(Leave), JobState.Running, _) => LogLevel.Information,
        _ => LogLevel.Debug,
    };
}
