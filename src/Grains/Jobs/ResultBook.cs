using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// The committed results of a job: one per partition that counts, and behind them the log of all that ever counted under this epoch, which
/// watchers and the job's record read by position. A job may have a million of them: one takes a row of 48 bytes, and what its task sent
/// along.
/// </summary>
internal sealed class ResultBook
{
    /// <summary>About what a result takes in a message beside the bytes that came with it.</summary>
    private const int ResultBytes = 64;

    private readonly ChunkedList<Row> _log = new();
    /// <summary>Of the result that counts, from 1 on.</summary>
    private readonly PartitionTable<int> _positions = new();
    private readonly List<WorkerId> _workers = [];
    private readonly Dictionary<WorkerId, int> _indexes = [];
    private readonly List<CommittedResult> _lost = [];
    private readonly List<int> _forgotten = [];

    /// <summary>How many results there were to tell, with those that were lost later.</summary>
    public int Logged => _log.Count;

    /// <summary>How many partitions' results count.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes in memory of the results that count.</summary>
    public long Size { get; private set; }

    /// <summary>Grows when all results were let go: positions begin again.</summary>
    public int Era { get; private set; }

    /// <summary>Who has, or had, something of them: a result names one by its index.</summary>
    public IReadOnlyList<WorkerId> Workers => _workers;

    /// <summary>The positions of results that did not count any more, in the order in which they were lost.</summary>
    public IReadOnlyList<int> Forgotten => _forgotten;

    public bool Has(int partition) => _positions[partition] > 0;

    /// <summary>False when the partition has a result.</summary>
    public bool Commit(CommittedResult result)
    {
        if (Has(result.Partition))
        {
            return false;
        }

        _log.Add(new Row(
            result.Inline, result.Updates, result.Attempt, result.Bytes, result.Fingerprint, result.Partition,
            (IndexOf(result.Worker) << 1) | (result.Counts ? 1 : 0)));
        _positions[result.Partition] = _log.Count;
        Size += result.Bytes;
        Count++;
        return true;
    }

    /// <summary>What another attempt has made meanwhile stays.</summary>
    public void Forget(IReadOnlyList<CommittedResult> lost)
    {
        foreach (var result in lost)
        {
            var position = _positions[result.Partition] - 1;
            if (position >= 0 && _log[position].Attempt == result.Attempt)
            {
                _positions[result.Partition] = 0;
                _forgotten.Add(position);
                _lost.Add(At(position));
                Size -= _log[position].Bytes;
                Count--;
            }
        }
    }

    /// <summary>The results that were lost since this was last asked: they are computed again.</summary>
    public CommittedResult[] TakeLost()
    {
        CommittedResult[] lost = [.. _lost];
        _lost.Clear();
        return lost;
    }

    public void Clear()
    {
        _log.Clear();
        _positions.Clear();
        _lost.Clear();
        _forgotten.Clear();
        (Size, Count) = (0, 0);
        Era++;
    }

    /// <summary>A logged result.</summary>
    public ref readonly Row this[int position] => ref _log[position];

    /// <summary>Whether a logged result counts.</summary>
    public bool Counts(int position) => _positions[_log[position].Partition] == position + 1;

    /// <summary>What was logged from a position on, as much as fits into a reply.</summary>
    public CommittedResult[] Page(int from)
    {
        var page = new List<CommittedResult>();
        for (long bytes = 0; from + page.Count < _log.Count && bytes < Pages.Largest;)
        {
            var result = At(from + page.Count);
            page.Add(result);
            bytes += (result.Inline?.Length ?? 0) + (result.Updates?.Length ?? 0) + ResultBytes;
        }

        return [.. page];
    }

    private CommittedResult At(int position)
    {
        ref readonly var row = ref _log[position];
        return new CommittedResult(
            row.Partition, row.Attempt, _workers[row.Worker], row.Bytes, row.Fingerprint, row.Inline, row.Adds, row.Updates);
    }

    private int IndexOf(WorkerId worker)
    {
        if (!_indexes.TryGetValue(worker, out var index))
        {
            index = _workers.Count;
            _workers.Add(worker);
            _indexes.Add(worker, index);
        }

        return index;
    }

    /// <summary>A result; see <see cref="CommittedResult"/>.</summary>
    public readonly record struct Row(
        byte[]? Inline, byte[]? Updates, AttemptId Attempt, long Bytes, ulong Fingerprint, int Partition, int WorkerAndAdds)
    {
        /// <summary>Among <see cref="Workers"/>.</summary>
        public int Worker => WorkerAndAdds >> 1;

        /// <summary>Whether its task added to accumulators.</summary>
        public bool Adds => (WorkerAndAdds & 1) != 0;
    }
}
