using System.Runtime.InteropServices;

namespace MicroSpark.Plans;

/// <summary>How many broadcasts of each content a context has: workers know them by content, and keep it while one is left.</summary>
internal sealed class BroadcastCounts
{
    private readonly Dictionary<LineageId, int> _counts = [];
    private readonly Lock _gate = new();

    public void Add(LineageId content)
    {
        lock (_gate)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, content, out _)++;
        }
    }

    /// <summary>True when it was the last one.</summary>
    public bool Remove(LineageId content)
    {
        lock (_gate)
        {
            return --CollectionsMarshal.GetValueRefOrAddDefault(_counts, content, out _) <= 0 && _counts.Remove(content);
        }
    }
}
