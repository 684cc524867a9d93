using MicroSpark.Grains.Cluster;
using MicroSpark.Model;

namespace MicroSpark.Grains.Workers;

/// <summary>Whether the silo is lost from which tasks were handed out, or slots asked for.</summary>
/// <param name="worker">The worker on that silo; null when nobody knows.</param>
internal sealed class BatchOwner(WorkerId? worker)
{
    private bool _wasLive;

    /// <summary>True when it was live at an earlier look and is not now. One that has just joined may not be known here yet.</summary>
    public bool IsLost(IWorkerPool pool)
    {
        if (worker is not { } id)
        {
            return false;
        }

        var isLive = pool.IsLive(id);
        _wasLive |= isLive;
        return _wasLive && !isLive;
    }
}
