using MicroSpark.Tasks;

namespace MicroSpark.Client.Output;

/// <summary>For <c>--quiet</c>.</summary>
internal sealed class NoProgress : IProgressView
{
    public void Show(IReadOnlyCollection<StageLine> stages, IReadOnlyCollection<JobProgress> queued)
    {
    }

    public void Hide()
    {
    }
}
