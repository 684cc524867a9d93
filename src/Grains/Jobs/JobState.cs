using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Records;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Where a job stands, as one activation of its grain sees it: one of the closed set below. Each state owns the data that exists only in
/// it.
/// <code>
///   Unknown ───── Submit, TakeOver ─────▶ Running ── Succeed ──▶ Succeeded
///      │ Refuse                           ▲   ▲ │ └─ Fail ─────▶ Failed
///      ▼                                  │   │ └─── Cancel ───▶ Cancelled
///   Unwanted ────────── TakeOver ─────────┘   └───── Reopen ──── Succeeded
///
///   Unknown, Unwanted ── TakeOver of an ended job's record ──▶ Succeeded, Failed, Cancelled
///   Succeeded, Failed, Cancelled ───────── Expire ───────────▶ Expired
///   all ────────────────────────────────── Leave ────────────▶ Left
/// </code>
/// In Running Commit and Reopen, and at an end Release, change the results and not the state.
/// The law: a transition is a method; null says that it does not exist from here, and nothing has happened then. Succeed, Fail and Cancel
/// are the only ways to an end, a failed or cancelled job is not driven again, and nothing leads out of Left.
/// </summary>
internal abstract class JobState
{
    // Closed: all states are here.
    private JobState()
    {
    }

    /// <summary>The job as whoever asks for it sees it; null when nothing is known of it here (any more).</summary>
    public virtual Known? Seen => null;

    /// <summary>A client hands the job over.</summary>
    public virtual Running? Submit(JobSubmission submission, long epoch, DateTimeOffset now) => null;

    /// <summary>The job was another activation's; its record was found.</summary>
    public virtual Known? TakeOver(JobRecord record, long epoch) => null;

    /// <summary>Nobody wants the job: a submission that comes later is not begun.</summary>
    public virtual JobState? Refuse() => null;

    /// <summary>A partition's result counts from now on; once per partition.</summary>
    public virtual JobState? Commit(CommittedResult result) => null;

    /// <summary>All results are there.</summary>
    public virtual JobState? Succeed(DateTimeOffset now) => null;

    public virtual JobState? Fail(JobError error, DateTimeOffset now) => null;

    public virtual JobState? Cancel(DateTimeOffset now) => null;

    /// <summary>Some results cannot be read: they do not count, unless another attempt's do by now.</summary>
    public virtual JobState? Reopen(IReadOnlyList<CommittedResult> lost) => null;

    /// <summary>The results go, and how the job ended stays known until the activation goes too.</summary>
    public virtual JobState? Release() => null;

    /// <summary>Nobody has asked for the results for long: all that is known of the job here goes.</summary>
    public virtual JobState? Expire() => null;

    /// <summary>This activation commits nothing any more: another one owns the job, or Orleans ends this one.</summary>
    public virtual JobState? Leave() => new Left(Seen);

    /// <summary>Nothing is known yet; a record may exist.</summary>
    public abstract class Absent : JobState
    {
        /// <summary>The search for a record that is under way, which all who ask await; null when there is none.</summary>
        public Task? Search { get; set; }

        public override Running? Submit(JobSubmission submission, long epoch, DateTimeOffset now) =>
            new(new JobFile(submission, epoch, now));

        public override Known? TakeOver(JobRecord record, long epoch)
        {
            var file = JobFile.Of(record, epoch);
            var ended = record.Head.Ended.GetValueOrDefault();
            return record.Head.Phase switch
            {
                JobPhase.Running => new Running(file),
                JobPhase.Succeeded => new Succeeded(file, ended),
                JobPhase.Failed => new Failed(file, ended, record.Error),
                JobPhase.Cancelled => new Cancelled(file, ended),
                _ => throw new ArgumentOutOfRangeException(nameof(record), record.Head.Phase, "A record's phase is one of JobPhase's."),
            };
        }
    }

    /// <summary>Nobody has submitted it here.</summary>
    public sealed class Unknown : Absent
    {
        public override JobState Refuse() => new Unwanted { Search = Search };
    }

    /// <summary>Released before it was submitted.</summary>
    public sealed class Unwanted : Absent
    {
        public override Running? Submit(JobSubmission submission, long epoch, DateTimeOffset now) => null;
    }

    /// <summary>Submitted here, or found.</summary>
    public abstract class Known(JobFile file) : JobState
    {
        public JobFile File => file;

        public abstract JobPhase Phase { get; }

        public virtual JobError? Error => null;

        /// <summary>Null while it runs.</summary>
        public virtual DateTimeOffset? EndedAt => null;

        public override Known Seen => this;

        public JobSummary Summary() => File.Summary(Phase, Error, EndedAt);

        public JobUpdate Update(int from) => File.Update(from, Phase, Error);
    }

    /// <summary>Results are missing, and are being computed.</summary>
    public sealed class Running(JobFile file) : Known(file)
    {
        public override JobPhase Phase => JobPhase.Running;

        public override JobState? Commit(CommittedResult result) => File.Results.Commit(result) ? this : null;

        public override JobState Succeed(DateTimeOffset now) => new Succeeded(File, now);

        public override JobState Fail(JobError error, DateTimeOffset now) => new Failed(File, now, error);

        public override JobState Cancel(DateTimeOffset now) => new Cancelled(File, now);

        public override JobState Reopen(IReadOnlyList<CommittedResult> lost)
        {
            File.Results.Forget(lost);
            return this;
        }
    }

    public abstract class Ended(JobFile file, DateTimeOffset at) : Known(file)
    {
        public override DateTimeOffset? EndedAt => at;

        public override JobState Release()
        {
            File.Results.Clear();
            File.Released = true;
            return this;
        }

        public override JobState Expire() => new Expired();
    }

    public sealed class Succeeded(JobFile file, DateTimeOffset at) : Ended(file, at)
    {
        public override JobPhase Phase => JobPhase.Succeeded;

        public override JobState Reopen(IReadOnlyList<CommittedResult> lost)
        {
            File.Results.Forget(lost);
            return new Running(File);
        }
    }

    public sealed class Failed(JobFile file, DateTimeOffset at, JobError? error) : Ended(file, at)
    {
        public override JobPhase Phase => JobPhase.Failed;

        public override JobError? Error => error;
    }

    public sealed class Cancelled(JobFile file, DateTimeOffset at) : Ended(file, at)
    {
        public override JobPhase Phase => JobPhase.Cancelled;
    }

    /// <summary>
    /// An activation without the results would tell of success and give nothing. So this one tells nothing. A later caller meets a new
    /// activation, which has the record and computes the results asked for, or has no record.
    /// </summary>
    public sealed class Expired : JobState;

    /// <summary>As it was when this activation left it. Calls that had come before are still answered.</summary>
    public sealed class Left(Known? before) : JobState
    {
        public override Known? Seen => before;

        public override JobState? Leave() => null;
    }
}
