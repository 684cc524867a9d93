using MicroSpark.Tasks;

namespace MicroSpark.Client.Output;

/// <summary>Shows how far jobs are. Called by one thread at a time.</summary>
internal interface IProgressView
{
    /// <summary>The stages of the jobs that run now and have run long enough to be worth a line.</summary>
    /// <param name="queued">Jobs of which no task has begun for as long: they wait for slots. And those that no worker answers.</param>
    void Show(IReadOnlyCollection<StageLine> stages, IReadOnlyCollection<JobProgress> queued);

    /// <summary>Takes back what can be taken back, so that something else may be written.</summary>
    void Hide();
}
