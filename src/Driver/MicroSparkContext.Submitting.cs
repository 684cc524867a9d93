using MicroSpark.Driver.Jobs;
using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark;

public sealed partial class MicroSparkContext
{
    /// <summary>
    /// Starts an action without awaiting its result: <c>var job = await spark.SubmitAsync(()
    /// => rdd.CountAsync())</c>. The job goes on when this client ends, and any client of the cluster can attach to its id and get the
    /// result, for ten minutes after its end. (Embedded silos end with their process.) The partitions' results are put together on a
    /// worker, by the functions given to the action.
    /// </summary>
    /// <typeparam name="R">What the action gives.</typeparam>
    /// <param name="action">Calls one action and returns the task that it gets; nothing else is done with the result.</param>
    /// <param name="cancellationToken">Gives up submitting; to stop the job use <see cref="SubmittedJob.CancelAsync"/>.</param>
    /// <exception cref="InvalidOperationException">The function does something else than to call one action, or the action is one that the
    /// program itself has to finish.</exception>
    public async Task<SubmittedJob<R>> SubmitAsync<R>(Func<Task<R>> action, CancellationToken cancellationToken = default)
    {
        var taken = await CaptureAsync(action).ConfigureAwait(false);
        var id = await _runner.SubmitAsync(taken, cancellationToken).ConfigureAwait(false);
        return Watched(new SubmittedJob<R>(_runner, id, taken.Name, taken.Joined, taken) { Page = UiUri }, taken);
    }

    /// <summary>
    /// Starts an action without a result, such as <c>SaveAsTextFileAsync</c>, without awaiting its end. See
    /// <see cref="SubmitAsync{R}(Func{Task{R}}, CancellationToken)"/>. A save makes its directory at once, and writes <c>_SUCCESS</c> when
    /// all is there.
    /// </summary>
    /// <param name="action">Calls one action and returns the task that it gets.</param>
    /// <param name="cancellationToken">Gives up submitting; to stop the job use <see cref="SubmittedJob.CancelAsync"/>.</param>
    /// <exception cref="InvalidOperationException">The function does something else than to call one action, or the action is one that the
    /// program itself has to finish.</exception>
    /// <exception cref="IOException">What is to be saved to exists.</exception>
    public async Task<SubmittedJob> SubmitAsync(Func<Task> action, CancellationToken cancellationToken = default)
    {
        var taken = await CaptureAsync(action).ConfigureAwait(false);
        var id = await _runner.SubmitAsync(taken, cancellationToken).ConfigureAwait(false);
        return Watched(new SubmittedJob(_runner, id, taken.Name, taken) { Page = UiUri }, taken);
    }

    /// <summary>Attaches to a job that this or another client submitted, for its result.</summary>
    /// <typeparam name="R">What its action gives.</typeparam>
    /// <exception cref="KeyNotFoundException">It ended more than ten minutes ago, or never ran on this cluster.</exception>
    /// <exception cref="InvalidOperationException">Its result is of another type, or it was not started with
    /// <c>SubmitAsync</c>.</exception>
    public async Task<SubmittedJob<R>> AttachAsync<R>(JobId job, CancellationToken cancellationToken = default)
    {
        var summary = (await _runner.LookAsync(job, -1, cancellationToken).ConfigureAwait(false)).Summary!;
        var shape = ResultTypes.Check(summary, typeof(R));
        return new SubmittedJob<R>(_runner, job, summary.Name, shape.Joined, null) { Page = UiUri };
    }

    /// <summary>Attaches to a job of any client, to watch it, to wait for its end or to cancel it.</summary>
    /// <exception cref="KeyNotFoundException">It ended more than ten minutes ago, or never ran on this cluster.</exception>
    public async Task<SubmittedJob> AttachAsync(JobId job, CancellationToken cancellationToken = default)
    {
        var summary = (await _runner.LookAsync(job, -1, cancellationToken).ConfigureAwait(false)).Summary!;
        return new SubmittedJob(_runner, job, summary.Name, null) { Page = UiUri };
    }

    private static TJob Watched<TJob>(TJob job, CapturedAction action)
        where TJob : SubmittedJob
    {
        if (action.Abort is not null)
        {
            _ = job.ClearUpAsync();
        }

        return job;
    }

    /// <summary>Calls the function with its action taken instead of run.</summary>
    private async Task<CapturedAction> CaptureAsync(Func<Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _runner.EnsureUsable();
        var capture = new ActionCapture();
        var outer = _runner.Capture;
        _runner.Capture = capture;
        Task task;
        try
        {
            task = action();
        }
        finally
        {
            _runner.Capture = outer;
        }

        if (capture is { Action: { } taken, Calls: 1 } && ReferenceEquals(task, capture.Task))
        {
            return taken;
        }

        if (task is { IsCompleted: true })
        {
            // Wrong arguments, and actions that cannot be submitted, say so themselves.
            await task.ConfigureAwait(false);
        }

        throw new InvalidOperationException(
            (capture.Calls == 0 ? "The function to submit called no action of this context that can be submitted. "
                : capture.Calls > 1 ? "The function to submit called several actions. "
                : "The function to submit does something with its action's result, which would be lost. ")
                    + ClusterJobRunner.ActionsToSubmit);
    }
}
