using MicroSpark.Grains.Contracts;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Clusters;

/// <summary>One client's watch on one job: survives the death of the silo that drives it, because every call can be repeated.</summary>
internal sealed class JobWatcher(TimeProvider time, IJobGrain grain, Silence? silence = null)
{
    /// <summary>Results in one message: at 80 bytes each they are a page.</summary>
    private const int MostLost = Pages.Largest / 80;

    private JobSubmission? _submission;
    private Func<CancellationToken, Task<PlanRef>>? _putAgain;
    private int _lost;
    private long _epoch;
    private int _seen;

    /// <summary>Progress as it was last told.</summary>
    public StageState[] Stages { get; private set; } = [];

    /// <param name="putAgain">Puts what the job needs at workers that live now, should all that had it be lost.</param>
    public async Task SubmitAsync(
        JobSubmission submission, CancellationToken cancellationToken, Func<CancellationToken, Task<PlanRef>>? putAgain = null)
    {
        (_submission, _putAgain) = (submission, putAgain ?? _putAgain);
        var repeated = false;
        await Repeat.Async(
            () =>
            {
                var call = grain.SubmitAsync(submission with { Repeated = repeated });
                repeated = true;
                return call;
            },
            time, cancellationToken, silence).ConfigureAwait(false);
    }

    /// <summary>What is new since the last call.</summary>
    /// <exception cref="KeyNotFoundException">Nobody keeps a record of the job, and this client did not submit it.</exception>
    /// <exception cref="ClusterUnavailableException">All that had the job were lost, again and again.</exception>
    public async Task<JobUpdate> NextAsync(TimeSpan slice, CancellationToken cancellationToken)
    {
        while (true)
        {
            var update = await Repeat.Async(() => grain.WaitAsync(_epoch, _seen, slice), time, cancellationToken, silence)
                .ConfigureAwait(false);
            if (update.Known)
            {
                (_epoch, _seen, Stages) = (update.Epoch, update.Next, update.Stages);
                return update;
            }

            // All that kept its record died at once.
            var submission = _submission ?? throw new KeyNotFoundException(
                "No worker keeps a record of this job: it ended more than ten minutes ago, or it never ran here.");
            if (++_lost >= submission.Policy.MostDeaths)
            {
                // They may have died of it. Who remembers that died with them, but for this client.
                throw new ClusterUnavailableException(
                    $"All workers that had job {submission.Job} ({submission.Name}) were lost, {_lost} times. Code of the job may end its "
                    + "worker's process: the last lines of the workers' output say how they ended. MicroSpark:Retry:MaxWorkerDeaths is how "
                    + "often that may happen.");
            }

            if (_putAgain is not null)
            {
                submission = submission with { Plan = await _putAgain(cancellationToken).ConfigureAwait(false) };
            }

            // A task may have ended them: the next owner keeps off its own worker, and lives to count.
            submission = submission with { Policy = submission.Policy with { SparesOwner = true } };
            await SubmitAsync(submission with { Repeated = true }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The grain knows what came with them, and so that stays here.</summary>
    public async Task ReportLostAsync(IEnumerable<CommittedResult> lost, CancellationToken cancellationToken)
    {
        foreach (var page in lost.Select(static r => r with { Inline = null, Updates = null }).Chunk(MostLost))
        {
            await Repeat.Async(() => grain.ReportLostAsync(page), time, cancellationToken, silence).ConfigureAwait(false);
        }
    }
}
