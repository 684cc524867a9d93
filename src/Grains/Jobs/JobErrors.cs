using System.Globalization;
using MicroSpark.Grains.Contracts;
using MicroSpark.Options;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Jobs;

/// <summary>What a failed job says: what failed where, and what to do.</summary>
internal static class JobErrors
{
    /// <summary>An error of the engine's own, before or between tasks.</summary>
    public static JobError NotRun(JobId job, Exception error) => new(
        $"Job {job} could not be run: {error.Message}", null, null, null, 0, null, TaskFailure.Of(error),
        error is ClusterUnavailableException);

    /// <summary>Before any of it is on its way: sizes come with the tasks' reports.</summary>
    public static JobError TooLarge(JobSubmission job, ResultBook results, int wanted) => new(
        $"Job {job.Job} ({job.Name}) failed: the results of {results.Count} of {wanted} partitions take at least "
        + $"{ByteSize.Show(results.Size)} in memory, and MicroSpark:MaxResultSize lets one action bring "
        + $"{ByteSize.Show(job.Policy.MaxResultSize)} to its client. Read the elements one after the other with AsAsyncEnumerable, write "
        + "them with SaveAsTextFileAsync or another Save action, bring fewer (TakeAsync, or aggregate before), or raise "
        + "MicroSpark:MaxResultSize.",
        null, null, null, 0, null, null, Unavailable: false);

    /// <summary>The job took longer than it may.</summary>
    public static JobError TimedOut(JobSubmission job, int done)
    {
        var message = $"Job {job.Job} ({job.Name}) did not end within its timeout of {job.Timeout:g} and was stopped; {done} partitions "
            + "of its last stage were done. The timeout is the job group's, or MicroSpark:JobTimeout.";
        return new JobError(
            message, null, null, null, 0, null, TaskFailure.Of(new TimeoutException(message)), Unavailable: false);
    }

    /// <summary>The stage, or one that it waited for, ended before all of its partitions were there.</summary>
    /// <param name="lack">Which workers are missing; null when they are there by now.</param>
    public static JobError Of(JobSubmission job, PlanSkeleton skeleton, StageFailure failure, string? lack) => failure switch
    {
        StageFailure.NoWorker f => new JobError(
            $"Job {job.Job} found no live worker for {job.Policy.NoWorkerPatience.TotalSeconds:0.#} s (MicroSpark:NoWorkerTimeout)"
            + $"{(lack is null ? "" : $": it waited for {lack}")}. Start a worker and run it again.",
            f.Stage, null, null, 0, null, null,
            Unavailable: true),
        StageFailure.InputChanged => InputChanged(job.Job, skeleton),
        StageFailure.Broken f => new JobError(
            $"Job {job.Job} ({job.Name}) failed: {(f.Stage is { } stage ? $"stage {stage}" : "a stage")} could not be run: "
            + $"{f.Error.TypeName}: {f.Error.Message}",
            f.Stage, f.Error.Operator, null, 0, null, f.Error, Unavailable: false),
        StageFailure.TaskFailed f => TaskFailed(job, f.Stage, f.Report),
        _ => new JobError(
            $"Job {job.Job} ({job.Name}) failed: a stage of it was stopped.", null, null, null, 0, null, null, Unavailable: false),
    };

    /// <summary>What was committed came from elements that another run of the recipe did not give again: nobody can mend that.</summary>
    private static JobError InputChanged(JobId job, PlanSkeleton skeleton)
    {
        var inputs = skeleton.InputsOf(skeleton.Root, null).Select(i => skeleton.Nodes[i.Node]);
        var operators = inputs.Select(n => n.Name ?? n.Operator).ToArray();
        return new JobError(
            $"Job {job} read {string.Join(", ", operators)}, which a lost worker's share was computed again for and came out different: an "
            + "operator up to there is non-deterministic (a random number without a seed, the clock, an unordered collection), and results "
            + "of the former elements had been handed out. Make it deterministic, or checkpoint its output before it is used.",
            skeleton.Nodes[skeleton.Root].StageId, operators.FirstOrDefault(), null, 0, null, null, Unavailable: false);
    }

    private static JobError TaskFailed(JobSubmission job, int stage, TaskReport report)
    {
        var failure = report.Failure!;
        var element = failure.ElementIndex is { } index
            ? string.Create(CultureInfo.InvariantCulture, $" at element {index:N0} of its source")
            : "";
        var where = failure.Operator is { } op ? $" in {op}{element}" : "";
        var times = report.Tries == 1 ? "once" : $"{report.Tries} times";
        var on = report.Worker == default ? "" : $" on worker {report.Worker}";
        return new JobError(
            $"Job {job.Job} ({job.Name}) failed: stage {stage}, partition {report.Partition} was tried {times} and failed{where}; "
            + $"the last time{on} with {failure.TypeName}: {failure.Message}",
            stage, failure.Operator, report.Partition, report.Tries - 1, report.Worker, failure, Unavailable: false);
    }
}
