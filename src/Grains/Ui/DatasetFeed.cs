using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>What programs have persisted, wherever it lies. All viewers share one look.</summary>
internal sealed class DatasetFeed
{
    private readonly SiloCalls _silos;
    private readonly ClusterFeed _cluster;
    private readonly SharedAnswer<DatasetShape[]> _looks;

    public DatasetFeed(SiloCalls silos, ClusterFeed cluster, TimeProvider time)
    {
        (_silos, _cluster) = (silos, cluster);
        _looks = new SharedAnswer<DatasetShape[]>(LookAsync, SharedAnswer<DatasetShape[]>.Usual, time);
    }

    /// <summary>Whoever knows a context can end what it holds: those of others are not told.</summary>
    public async Task<DatasetShape[]> NowAsync(Viewer viewer)
    {
        var all = await _looks.GetAsync();
        if (viewer.SeesAll)
        {
            return all;
        }

        var own = (await _cluster.ContextsAsync(viewer)).Select(static context => context.ToString()!).ToHashSet();
        return Array.ConvertAll(all, one => one with
        {
            Holders = Array.ConvertAll(one.Holders, holder => own.Contains(holder) ? holder : ""),
            Own = Array.Exists(one.Holders, own.Contains),
        });
    }

    /// <summary>
    /// Drops a persisted recipe for the viewer's own programs that hold it, an admin's for all of them: whoever needs it again has it
    /// computed again. False when it is none of his.
    /// </summary>
    public async Task<bool> UnpersistAsync(LineageId lineage, Viewer viewer)
    {
        var live = await _silos.LiveAsync();
        var held = await Task.WhenAll(live.Select(worker => SiloCalls.TryAsync(() => _silos.HistoryOf(worker.Id).HeldAsync())));
        var holders = held.OfType<HeldRdd[]>().SelectMany(static one => one).Where(one => one.Lineage == lineage)
            .SelectMany(static one => one.Holders).Distinct().ToArray();
        if (!viewer.SeesAll)
        {
            var own = await _cluster.ContextsAsync(viewer);
            holders = Array.FindAll(holders, own.Contains);
            if (holders.Length == 0)
            {
                return false;
            }
        }

        var grain = _silos.Rdd(lineage);
        foreach (var holder in holders.DefaultIfEmpty())
        {
            await grain.UnpersistAsync(holder);
        }

        return true;
    }

    private async Task<DatasetShape[]> LookAsync()
    {
        var live = await _silos.LiveAsync();
        var answers = await Task.WhenAll(live.Select(worker => SiloCalls.TryAsync(() => KeptAtAsync(worker.Id))));
        var rdds = answers.OfType<(WorkerId Worker, List<KeptRdd> Kept, HeldRdd[] Held)?>().Select(static one => one!.Value).ToArray();
        var holders = rdds.SelectMany(static one => one.Held).ToLookup(static one => one.Lineage, static one => one.Holders);
        return [.. rdds.SelectMany(static one => one.Kept.Select(kept => (one.Worker, Kept: kept)))
            .GroupBy(static one => one.Kept.Lineage)
            .Select(group => new DatasetShape(
                group.Key.ToString(), group.First().Kept.Name ?? "", StorageLevel.FromCode(group.First().Kept.StorageLevel).ToString(),
                group.First().Kept.NumPartitions,
                group.SelectMany(static one => one.Kept.Partitions.ToArray()).Distinct().Count(),
                group.Sum(static one => one.Kept.MemoryBytes), group.Sum(static one => one.Kept.DiskBytes),
                [.. group.Select(static one => new PartShape(
                    one.Worker.Value, one.Kept.Partitions.ToArray().Length, one.Kept.MemoryBytes, one.Kept.DiskBytes))],
                [.. holders[group.Key].SelectMany(static one => one).Distinct().Select(static one => one.ToString()!)]))
            .OrderByDescending(static one => one.MemoryBytes + one.DiskBytes)];
    }

    private async Task<(WorkerId Worker, List<KeptRdd> Kept, HeldRdd[] Held)?> KeptAtAsync(WorkerId worker)
    {
        var kept = new List<KeptRdd>();
        LineageId? after = null;
        do
        {
            var page = await _silos.Worker(worker).KeptAsync(after);
            kept.AddRange(page.Rdds);
            after = page.Next;
        }
        while (after is not null);

        return (worker, kept, await _silos.HistoryOf(worker).HeldAsync());
    }
}
