using System.Runtime.InteropServices;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Figures;

/// <summary>The attempts at one stage's tasks, added up. All are added before anything is read.</summary>
internal sealed class StageSums
{
    /// <summary>Tasks that a page lists.</summary>
    private const int MostSlow = 5;

    private readonly List<(TaskRow Row, WorkerId Worker)> _slow = [];
    private readonly List<long> _times = [];
    private readonly Dictionary<int, long> _failed = [];
    private TaskRow _slowest;
    private WorkerId _slowestAt;

    /// <summary>Quartiles of the times of its tasks, in ticks.</summary>
    public long[] Quarters => field ??= Quartiles.Of(CollectionsMarshal.AsSpan(_times));

    public List<long> RecordsOf { get; } = [];

    public List<long> BytesOf { get; } = [];

    public List<long> ReadOf { get; } = [];

    public List<long> ReadRecordsOf { get; } = [];

    public HashSet<int> Partitions { get; } = [];

    public int Succeeded { get; private set; }

    public int Failed { get; private set; }

    public int Retries { get; private set; }

    public int Copies { get; private set; }

    public int Running { get; private set; }

    public long Time { get; private set; }

    public long FailedTime { get; private set; }

    /// <summary>Of tasks whose partition had been made before.</summary>
    public long AgainTime { get; private set; }

    public long Records { get; private set; }

    public long Bytes { get; private set; }

    public TaskTraffic Traffic { get; private set; }

    public long First { get; private set; } = long.MaxValue;

    public long Last { get; private set; }

    public void Add(in TaskRow row, WorkerId worker)
    {
        (First, Last) = (Math.Min(First, row.Began), Math.Max(Last, row.Ended));
        Retries += row is { Attempt: > 0, Copy: 0 } ? 1 : 0;
        if (row.End == (byte)TaskEnd.Failed)
        {
            Failed++;
            FailedTime += row.Took;
            _failed[row.Partition] = Math.Min(_failed.GetValueOrDefault(row.Partition, long.MaxValue), row.Began);
            Note(row, worker);
        }

        if (row.End != (byte)TaskEnd.Succeeded)
        {
            return;
        }

        if (row.Copy != 0)
        {
            Copies++;
            return;
        }

        Succeeded++;
        AgainTime += Partitions.Add(row.Partition) ? 0 : row.Took;
        _times.Add(row.Took);
        RecordsOf.Add(row.Records);
        BytesOf.Add(row.Bytes);
        ReadOf.Add(ReadBy(row));
        ReadRecordsOf.Add(row.ReadRecords);
        (Time, Records, Bytes) = (Time + row.Took, Records + row.Records, Bytes + row.Bytes);
        Traffic += new TaskTraffic(row.Input, row.ShuffleRead, row.RemoteRead, row.ShuffleWritten, row.Spilled, row.ReadRecords);
        Note(row, worker);
        if (row.Took > _slowest.Took)
        {
            (_slowest, _slowestAt) = (row, worker);
        }
    }

    public void Begin(in TaskRow row)
    {
        (First, Last) = (Math.Min(First, row.Began), Math.Max(Last, row.Ended));
        Running++;
    }

    public StageCosts Costs() => new(Quarters, Succeeded, Last, _failed, AgainTime);

    public SlowestShape? Slowest() => _slowest.Took == 0 ? null : new SlowestShape(
        _slowest.Partition, _slowestAt.Value, TimeSpan.FromTicks(_slowest.Took).TotalSeconds, _slowest.Records, ReadBy(_slowest),
        _slowest.Took / (double)Math.Max(1, Time), _slowest.ReadRecords);

    /// <param name="origin">From where times of the job are counted, in ticks.</param>
    public TaskShape[] SlowestTasks(long origin) => [.. _slow.Select(one => new TaskShape(
        one.Row.Partition, one.Row.Attempt, one.Worker.Value, one.Row.Lane, JobFigures.Milliseconds(one.Row.Began - origin),
        TimeSpan.FromTicks(one.Row.Took).TotalSeconds, Words.Of((TaskEnd)one.Row.End), ReadBy(one.Row), one.Row.Records, one.Row.Bytes,
        Quarters is [_, _, > 0 and var median, _, _] ? Math.Round(one.Row.Took / (double)median, 2) : 0, one.Row.ReadRecords))];

    private static long ReadBy(in TaskRow row) => row.Input + row.ShuffleRead;

    /// <summary>Keeps the longest ones in their order.</summary>
    private void Note(in TaskRow row, WorkerId worker)
    {
        if (_slow.Count == MostSlow && row.Took <= _slow[^1].Row.Took)
        {
            return;
        }

        var at = _slow.Count;
        while (at > 0 && _slow[at - 1].Row.Took < row.Took)
        {
            at--;
        }

        _slow.Insert(at, (row, worker));
        if (_slow.Count > MostSlow)
        {
            _slow.RemoveAt(MostSlow);
        }
    }
}
