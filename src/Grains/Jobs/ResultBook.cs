using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// The committed results of a job: one per partition that counts, and behind them the log of all that ever counted under this epoch, which
/// watchers read by position.
/// </summary>
internal sealed class ResultBook
{
    /// <summary>Results inside one reply, in bytes: far below what a message may carry.</summary>
    private const int LargestPage = 4 << 20;

    private readonly List<CommittedResult> _log = [];
    private readonly Dictionary<int, CommittedResult> _committed = [];

    /// <summary>How many results there were to tell, with those that were lost later.</summary>
    public int Logged => _log.Count;

    /// <summary>How many partitions' results count.</summary>
    public int Count => _committed.Count;

    /// <summary>Bytes in memory of the results that count.</summary>
    public long Size { get; private set; }

    public IReadOnlyCollection<CommittedResult> Committed => _committed.Values;

    /// <summary>Who has, or had, something of them.</summary>
    public IEnumerable<WorkerId> Workers => _log.Select(static r => r.Worker).Distinct();

    public bool Has(int partition) => _committed.ContainsKey(partition);

    /// <summary>False when the partition has a result.</summary>
    public bool Commit(CommittedResult result)
    {
        if (!_committed.TryAdd(result.Partition, result))
        {
            return false;
        }

        _log.Add(result);
        Size += result.Bytes;
        return true;
    }

    /// <summary>What another attempt has made meanwhile stays.</summary>
    public void Forget(IReadOnlyList<CommittedResult> lost)
    {
        foreach (var result in lost)
        {
            if (_committed.TryGetValue(result.Partition, out var committed) && committed.Attempt == result.Attempt)
            {
                _committed.Remove(result.Partition);
                Size -= committed.Bytes;
            }
        }
    }

    public void Clear()
    {
        _log.Clear();
        _committed.Clear();
        Size = 0;
    }

    /// <summary>What was logged from a position on, as much as fits into a reply.</summary>
    public CommittedResult[] Page(int from)
    {
        var page = new List<CommittedResult>();
        for (long bytes = 0; from + page.Count < _log.Count && bytes < LargestPage;)
        {
            var result = _log[from + page.Count];
            page.Add(result);
            bytes += (result.Inline?.Length ?? 0) + (result.Updates?.Length ?? 0);
        }

        return [.. page];
    }
}
