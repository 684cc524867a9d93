using System.Runtime.InteropServices;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.History;

/// <summary>
/// The newest task ends of one silo, at most a million of them: a ring of packed rows, so that what a page shows does not depend on when it
/// was opened. A task costs no allocation here but its part of a chunk, until the ring is full, and then none at all.
/// </summary>
/// <param name="most">Rows that are kept; the oldest go first.</param>
internal sealed class TaskHistory(int most)
{
    /// <summary>Task ends of a silo with enough memory.</summary>
    public const int Most = 1_000_000;

    /// <summary>The part of a silo's memory budget that its history takes at most: one in so many.</summary>
    public const int BudgetPart = 64;

    private const int ChunkRows = 1 << 12;
    private const int RowBytes = 96;

    /// <summary>A stage takes about as much as so many rows, so this many rows are the fewest that one may stand for.</summary>
    private const int RowsPerStage = 8;

    private readonly Lock _lock = new();
    private readonly int _most = Math.Max(1, most);
    private readonly int _chunkRows = Math.Clamp(most, 1, ChunkRows);
    private readonly List<TaskRow[]> _chunks = [];
    private readonly Dictionary<SpanStage, StageEntry> _stages = [];
    private readonly List<StageEntry?> _entries = [];
    private readonly Stack<int> _free = new();
    private readonly SecondSums _seconds = new();
    private TaskRow[] _lanes = new TaskRow[8];
    private (SpanStage? Stage, StageEntry? Entry) _last;
    private long _first;
    private long _next;

    /// <summary>How many rows fit into a silo's budget.</summary>
    public static int RowsFor(long memoryBudget) => (int)Math.Clamp(memoryBudget / BudgetPart / RowBytes, 1 << 8, Most);

    /// <summary>Notes that a slot has taken a task; returns the lane that is its until <see cref="End"/>.</summary>
    public ushort Begin(SpanStage stage, int partition, int attempt, long began)
    {
        lock (_lock)
        {
            var lane = 0;
            while (lane < _lanes.Length && _lanes[lane].End == TaskRow.Running)
            {
                lane++;
            }

            if (lane == _lanes.Length)
            {
                Array.Resize(ref _lanes, 2 * lane);
            }

            var entry = EntryOf(stage);
            entry.Uses++;
            _lanes[lane] = new TaskRow
            {
                Began = began,
                Stage = entry.Index,
                Partition = partition,
                Attempt = (ushort)attempt,
                Lane = (ushort)lane,
                End = TaskRow.Running,
            };
            return (ushort)lane;
        }
    }

    /// <summary>
    /// Keeps how a task has ended, and gives its lane free. Its stage, partition, attempt and start are those of the lane.
    /// </summary>
    public void End(ushort lane, long took, TaskEnd end, bool copy, long records, long bytes, in TaskTraffic traffic)
    {
        lock (_lock)
        {
            ref var row = ref Room();
            ref var running = ref _lanes[lane];
            row = running;
            (row.Took, row.End, row.Copy) = (took, (byte)end, copy ? (byte)1 : (byte)0);
            (row.Records, row.Bytes) = (records, bytes);
            (row.Input, row.ShuffleRead, row.RemoteRead) = (traffic.Input, traffic.ShuffleRead, traffic.RemoteRead);
            (row.ShuffleWritten, row.Spilled, row.ReadRecords) = (traffic.ShuffleWritten, traffic.Spilled, traffic.ReadRecords);
            running.End = 0;
            _seconds.Add(row);
        }
    }

    /// <summary>Rows of one job, from position <paramref name="from"/> on: as many as fit into a reply.</summary>
    /// <param name="since">Ticks: what ended before is left out, as far as it is known by its place.</param>
    public JobRows Read(JobId job, long from, long now, long since = 0)
    {
        var rows = new List<TaskRow>();
        var stages = new List<SpanStage>();
        var indexes = new Dictionary<SpanStage, int>(ReferenceEqualityComparer.Instance);
        var at = since > 0 ? Math.Max(from, FirstSince(since)) : from;
        var until = long.MaxValue;
        while (at < until && rows.Count < Pages.Largest / RowBytes)
        {
            // Stretch by stretch: tasks that end meanwhile do not wait for a search through a million rows.
            lock (_lock)
            {
                until = _next;
                at = Math.Max(at, _first);
                for (var stop = Math.Min(until, at + ChunkRows); at < stop; at++)
                {
                    ref readonly var row = ref RowAt(at);
                    if (_entries[row.Stage]!.Stage is { } stage && stage.Job == job)
                    {
                        rows.Add(row with { Stage = IndexOf(stage) });
                    }
                }
            }
        }

        var running = new List<TaskRow>();
        lock (_lock)
        {
            foreach (ref readonly var row in _lanes.AsSpan())
            {
                if (row.End == TaskRow.Running && _entries[row.Stage]!.Stage is { } stage && stage.Job == job)
                {
                    running.Add(row with { Stage = IndexOf(stage), Took = Math.Max(0, now - row.Began) });
                }
            }

            return new JobRows(at, at < _next, _first, [.. stages], rows, running);
        }

        int IndexOf(SpanStage stage)
        {
            if (!indexes.TryGetValue(stage, out var index))
            {
                indexes.Add(stage, index = stages.Count);
                stages.Add(stage);
            }

            return index;
        }
    }

    /// <summary>The last seconds, the one that is not over included.</summary>
    public SecondSums.Sum[] Seconds(long now, int count)
    {
        lock (_lock)
        {
            var running = new List<TaskRow>();
            foreach (ref readonly var row in _lanes.AsSpan())
            {
                if (row.End == TaskRow.Running)
                {
                    running.Add(row with { Took = Math.Max(0, now - row.Began) });
                }
            }

            return _seconds.Read(now / TimeSpan.TicksPerSecond, count, CollectionsMarshal.AsSpan(running));
        }
    }

    /// <summary>
    /// Where rows begin that ended at a time or after: a job of the last minute is not looked for among a million. Rows lie in the order in
    /// which they were noted, so the caller leaves some room.
    /// </summary>
    private long FirstSince(long ended)
    {
        lock (_lock)
        {
            var (low, high) = (_first, _next);
            while (low < high)
            {
                var middle = low + ((high - low) / 2);
                (low, high) = RowAt(middle).Ended < ended ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }

    /// <summary>A place for the next row. The oldest rows go when there is none, or when their stages take too much beside them.</summary>
    private ref TaskRow Room()
    {
        while (_next - _first >= _most || (_next > _first && _stages.Count > (_most / RowsPerStage) + _lanes.Length))
        {
            Leave(RowAt(_first++).Stage);
        }

        var place = (int)(_next++ % _most);
        if (place / _chunkRows == _chunks.Count)
        {
            _chunks.Add(new TaskRow[_chunkRows]);
        }

        return ref _chunks[place / _chunkRows][place % _chunkRows];
    }

    private ref TaskRow RowAt(long position)
    {
        var place = (int)(position % _most);
        return ref _chunks[place / _chunkRows][place % _chunkRows];
    }

    /// <summary>
    /// The tasks of a batch name one object, so that the last one is most often the one asked for. Others are found by value.
    /// </summary>
    private StageEntry EntryOf(SpanStage stage)
    {
        if (ReferenceEquals(_last.Stage, stage))
        {
            return _last.Entry!;
        }

        if (!_stages.TryGetValue(stage, out var entry))
        {
            if (!_free.TryPop(out var index))
            {
                index = _entries.Count;
                _entries.Add(null);
            }

            entry = new StageEntry(index, stage);
            _entries[index] = entry;
            _stages.Add(stage, entry);
        }

        _last = (stage, entry);
        return entry;
    }

    /// <summary>One row less names the stage.</summary>
    private void Leave(int index)
    {
        var entry = _entries[index]!;
        if (--entry.Uses == 0)
        {
            _entries[index] = null;
            _free.Push(index);
            _stages.Remove(entry.Stage);
            if (_last.Entry == entry)
            {
                _last = default;
            }
        }
    }

    /// <param name="index">By which rows name it.</param>
    private sealed class StageEntry(int index, SpanStage stage)
    {
        public int Index => index;

        public SpanStage Stage => stage;

        /// <summary>Rows that name it, and tasks of it that run.</summary>
        public int Uses { get; set; }
    }
}

/// <summary>What a silo has of one job.</summary>
/// <param name="Next">Where to go on.</param>
/// <param name="More">There is more: ask again at once.</param>
/// <param name="First">The oldest position that is kept.</param>
/// <param name="Stages">What the rows' indexes name.</param>
internal sealed record JobRows(long Next, bool More, long First, SpanStage[] Stages, List<TaskRow> Rows, List<TaskRow> Running);
