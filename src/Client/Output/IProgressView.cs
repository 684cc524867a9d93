using MicroSpark.Engine;

namespace MicroSpark.Client;

/// <summary>Shows how far jobs are. Called by one thread at a time.</summary>
internal interface IProgressView
{
    /// <summary>The jobs that run now and have run long enough to be worth a line.</summary>
    void Show(IReadOnlyCollection<JobProgress> jobs);

    /// <summary>Takes back what can be taken back, so that something else may be written.</summary>
    void Hide();
}
