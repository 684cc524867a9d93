using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Jobs;

// What tasks of kept outputs added to accumulators. Each is told by the output's own grain; the job takes a copy when it begins to read, since
// that grain and the worker that holds the block may go together.
internal sealed partial class JobGrain
{
    private readonly SortedDictionary<(LineageId Lineage, int Partition), TaskUpdates> _updates = [];
    private Task _copying = Task.CompletedTask;

    public async Task<UpdatePage> UpdatesAsync(int from)
    {
        await LoadAsync();
        return UpdatePage.Of(_updates.Values, from);
    }

    private void CopyUpdates()
    {
        if (_submission!.Counting is { Length: > 0 } counting)
        {
            _copying = Task.WhenAll(_copying, CopyAsync(counting));
        }
    }

    private async Task CopyAsync(LineageId[] counting)
    {
        foreach (var lineage in counting)
        {
            try
            {
                for (int? from = 0; from is { } next;)
                {
                    var page = await GrainFactory.GetGrain<IRddGrain>(lineage.ToString()).UpdatesAsync(next);
                    foreach (var task in page.Tasks)
                    {
                        _updates[(task.Lineage, task.Partition)] = task;
                    }

                    from = page.Next;
                }
            }
            catch (Exception e) when (CallErrors.IsTransient(e))
            {
                // Its next activation tells the client what the live workers still know.
                continue;
            }
        }
    }
}
