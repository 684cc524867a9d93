using MicroSpark.Grains.History;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Figures;

/// <summary>
/// How much earlier a stage could have ended: had its longest tasks been as long as the others, and had none failed. Of a stage whose tasks
/// have all ended. It is an estimate from when tasks ran, and says nothing of what else would have changed.
/// </summary>
/// <param name="times">Quartiles of the times of its tasks, in ticks.</param>
/// <param name="count">Tasks.</param>
/// <param name="last">When its last attempt ended.</param>
/// <param name="failed">Of the partitions with an attempt that failed: when the first one began.</param>
/// <param name="again">Time of tasks whose partition had been made before, in ticks.</param>
internal sealed class StageCosts(long[] times, int count, long last, IReadOnlyDictionary<int, long> failed, long again)
{
    /// <summary>
    /// From when a task is much longer than the others: twice the median, and half above the 75th percentile. The second is what
    /// Databricks' guide to Spark's page calls skew; the first is for few tasks, where that percentile is the longest task itself. Spark's
    /// own rule for joins is five times the median size, which is far later than when a stage begins to wait.
    /// </summary>
    private const double OfMedian = 2;

    private const double OfThirdQuarter = 1.5;

    private const int Few = 4;

    private readonly long _long = count < 2 ? long.MaxValue
        : (long)Math.Max(OfMedian * times[2], count < Few ? 0 : OfThirdQuarter * times[3]);
    private readonly List<(long Began, long Ended)> _held = [];
    private long _others;
    private long _unfailed;

    /// <summary>The long tasks.</summary>
    public int Held => _held.Count;

    /// <summary>What the median task took, in seconds.</summary>
    public double Median => count == 0 ? 0 : TimeSpan.FromTicks(times[2]).TotalSeconds;

    /// <summary>Time of tasks whose partition had been made before, in seconds.</summary>
    public double Again => TimeSpan.FromTicks(again).TotalSeconds;

    public void Add(in TaskRow row)
    {
        if (row.End == (byte)TaskEnd.Succeeded && row.Copy == 0 && row.Took > _long)
        {
            _held.Add((row.Began, row.Ended));
        }
        else
        {
            _others = Math.Max(_others, row.Ended);
        }

        if (row.End != (byte)TaskEnd.Failed)
        {
            _unfailed = Math.Max(_unfailed, failed.TryGetValue(row.Partition, out var first)
                ? row.Ended - Math.Max(0, row.Began - first) : row.Ended);
        }
    }

    /// <summary>
    /// How much earlier it would have ended without its long tasks, in seconds: then the others, or the long ones with the median's time,
    /// end it. What the long ones do after that has to be done all the same, by all slots.
    /// </summary>
    public double Uneven(int slots)
    {
        if (_held.Count == 0 || slots < 2)
        {
            return 0;
        }

        var even = _others;
        foreach (var (began, _) in _held)
        {
            even = Math.Max(even, began + times[2]);
        }

        var rest = 0L;
        foreach (var (_, ended) in _held)
        {
            rest += Math.Max(0, ended - even);
        }

        return Math.Max(0, TimeSpan.FromTicks(last - even - (rest / slots)).TotalSeconds);
    }

    /// <summary>How much earlier it would have ended had each task begun when its first attempt did, in seconds.</summary>
    public double Retried => failed.Count == 0 || _unfailed == 0 ? 0 : Math.Max(0, TimeSpan.FromTicks(last - _unfailed).TotalSeconds);
}
