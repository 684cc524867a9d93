using MicroSpark.Codecs;
using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark.Driver.Jobs;

/// <summary>Says what a submitted job's result is, and whether a client may have it as what it asks for.</summary>
internal static class ResultTypes
{
    public static ResultShape ShapeOf(Type type, bool joined) =>
        new(TypeNames.Of(type), Convert.ToHexString(PlanTypes.IdentityOf(type)), joined);

    /// <exception cref="InvalidOperationException">The job has no result of its own, or one of another type.</exception>
    public static ResultShape Check(JobSummary job, Type asked)
    {
        if (job.Result is not { } result)
        {
            throw new InvalidOperationException(
                $"Job {job.Job} ({job.Name}) is awaited by the client that runs it, which alone makes its result. Only jobs that were "
                + $"started with SubmitAsync keep one for others.");
        }

        var expected = ShapeOf(asked, result.Joined);
        return result.Identity == expected.Identity ? result
            : result.Type != expected.Type ? throw new InvalidOperationException(
                $"Job {job.Job} ({job.Name}) gives {result.Type}, and {expected.Type} was asked for. Attach with "
                + $"AttachAsync<{result.Type}>.")
            : throw new InvalidOperationException(
                $"Job {job.Job} ({job.Name}) gives {result.Type} of another assembly, or of another build of it, than this program's. "
                + $"Attach from the program that submitted it, as it was then.");
    }
}
