using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Security;

namespace MicroSpark.Grains.Jobs;

/// <summary>What the caller of a job's grain may do with it; the table of rights has let him call already.</summary>
internal static class JobAccess
{
    /// <summary>The submission, with the name of who makes it.</summary>
    /// <exception cref="UnauthorizedAccessException">It brings a plan, and the caller may bring no code.</exception>
    /// <exception cref="ArgumentException">It is another job's.</exception>
    public static JobSubmission Own(this JobSubmission submission, JobId job, AuditLog audit)
    {
        var caller = Principal.Present;
        if (submission.Job != job)
        {
            throw new ArgumentException($"The submission is job {submission.Job}'s and was sent to job {job}.", nameof(submission));
        }

        if (submission.Plan.Inline is not null && !caller.May(Rights.Upload))
        {
            audit.Denied(caller.Name, null, "submit a plan of its own");
            throw new UnauthorizedAccessException(
                $"{caller.Name} may submit only plans that lie at the workers, since a plan is code: Upload in MicroSpark:Secrets lets it "
                + "bring its own.");
        }

        return submission.OwnedBy(caller.OwnerName);
    }

    /// <param name="job">Null when nothing is known of it: then there is nothing to keep from anybody.</param>
    /// <param name="act">For people.</param>
    /// <exception cref="UnauthorizedAccessException">The job is another's.</exception>
    public static void Demand(this Principal caller, JobState.Known? job, string act, AuditLog audit)
    {
        if (job is not null && !caller.Owns(job.File.Submission.Owner))
        {
            var id = job.File.Submission.Job;
            audit.Denied(caller.Name, null, $"{act} job {id}");
            throw new UnauthorizedAccessException($"{caller.Name} may not {act} job {id}, which is another's.");
        }
    }
}
