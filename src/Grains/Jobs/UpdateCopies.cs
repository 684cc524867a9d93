using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// What tasks of kept outputs added to accumulators. Each is told by the output's own grain; the job takes a copy when it begins to read,
/// since that grain and the worker that holds the block may go together. For one thread at a time: the turns of the JobGrain.
/// </summary>
internal sealed class UpdateCopies(IGrainFactory grains)
{
    private readonly SortedDictionary<(LineageId Lineage, int Partition), TaskUpdates> _updates = [];

    /// <summary>Ends when all copies that were begun have ended.</summary>
    public Task Copied { get; private set; } = Task.CompletedTask;

    public UpdatePage Page(int from) => UpdatePage.Of(_updates.Values, from);

    /// <param name="counting">The kept outputs whose tasks may have added something, as the job's plan names them.</param>
    /// <param name="owner">Whose job it is.</param>
    public void Copy(LineageId[]? counting, string? owner)
    {
        if (counting is { Length: > 0 })
        {
            Copied = Task.WhenAll(Copied, CopyAsync(counting, owner));
        }
    }

    private async Task CopyAsync(LineageId[] counting, string? owner)
    {
        foreach (var lineage in counting)
        {
            try
            {
                for (int? from = 0; from is { } next;)
                {
                    var page = await grains.GetGrain<IRddGrain>(lineage.KeptFor(owner).ToString()).UpdatesAsync(next);
                    foreach (var task in page.Of(lineage).Tasks)
                    {
                        _updates[(lineage, task.Partition)] = task;
                    }

                    from = page.Next;
                }
            }
            catch (Exception e) when (CallErrors.IsTransient(e, CancellationToken.None))
            {
                // Its next activation tells the client what the live workers still know.
                continue;
            }
        }
    }
}
