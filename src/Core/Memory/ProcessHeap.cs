namespace MicroSpark.Memory;

/// <summary>The process's managed heap: what is alive in it, and how much it may be. Tests have one of their own.</summary>
internal class ProcessHeap
{
    /// <summary>Bytes that the last collection left, and the most that there can be: what the machine has, or its container.</summary>
    public virtual (long Live, long Limit) Read()
    {
        var info = GC.GetGCMemoryInfo(GCKind.Any);
        return (info.HeapSizeBytes, info.TotalAvailableMemoryBytes);
    }

    /// <summary>Bytes alive now. It takes a whole collection.</summary>
    public virtual long Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
        return GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes;
    }

    /// <summary>Calls after every collection of all generations, on the collector's own thread: it must not take long.</summary>
    public static void OnFullCollection(Action collected) => _ = new Signal(collected);

    /// <summary>Garbage from the start, and brought back each time: the collector finds it as it does any other.</summary>
    private sealed class Signal(Action collected)
    {
        private int _collections = GC.CollectionCount(GC.MaxGeneration);

        ~Signal()
        {
            if (GC.CollectionCount(GC.MaxGeneration) is var now && now != _collections)
            {
                _collections = now;
                collected();
            }

            GC.ReRegisterForFinalize(this);
        }
    }
}
