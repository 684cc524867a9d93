namespace MicroSpark.Grains.History;

/// <summary>
/// What a silo's tasks did in each of the last seconds: a ring that is written as tasks end. So a page that is opened late shows the same
/// curve, and drawing it costs nothing that grows with the tasks.
/// </summary>
internal sealed class SecondSums
{
    /// <summary>Seconds that are remembered: above five minutes, and a power of two.</summary>
    public const int Length = 512;

    private readonly Sum[] _ring = new Sum[Length];

    /// <summary>Counts an end, and spreads the time that it took over the seconds in which it ran.</summary>
    public void Add(in TaskRow row)
    {
        var end = row.Ended;
        ref var sum = ref At(end / TimeSpan.TicksPerSecond);
        sum.Tasks++;
        sum.Failed += row.End == (byte)Tasks.TaskEnd.Failed ? 1 : 0;
        sum.Input += row.Input;
        sum.Shuffled += row.ShuffleRead;
        sum.Remote += row.RemoteRead;
        sum.Spilled += row.Spilled;
        Spread(_ring, row.Began, end);
    }

    /// <summary>A copy of the last seconds, of which those that still run are a part.</summary>
    /// <param name="last">The second that is not over.</param>
    /// <param name="running">Tasks that have not ended.</param>
    public Sum[] Read(long last, int count, ReadOnlySpan<TaskRow> running)
    {
        var ring = (Sum[])_ring.Clone();
        foreach (ref readonly var row in running)
        {
            Spread(ring, row.Began, row.Ended);
        }

        var sums = new Sum[count];
        for (var i = 0; i < count; i++)
        {
            var second = last - count + 1 + i;
            var sum = ring[(int)(second & (Length - 1))];
            sums[i] = sum.Second == second ? sum : default;
        }

        return sums;
    }

    private static void Spread(Sum[] ring, long began, long ended)
    {
        var last = ended / TimeSpan.TicksPerSecond;
        var first = Math.Max(began / TimeSpan.TicksPerSecond, last - Length + 1);
        for (var second = first; second <= last; second++)
        {
            var from = Math.Max(began, second * TimeSpan.TicksPerSecond);
            var until = Math.Min(ended, (second + 1) * TimeSpan.TicksPerSecond);
            At(ring, second).Busy += until - from;
        }
    }

    private ref Sum At(long second) => ref At(_ring, second);

    /// <summary>The place of a second, emptied of an older one. What comes later than a whole round of the ring is lost.</summary>
    private static ref Sum At(Sum[] ring, long second)
    {
        ref var sum = ref ring[(int)(second & (Length - 1))];
        if (sum.Second != second)
        {
            sum = new Sum { Second = second };
        }

        return ref sum;
    }

    public struct Sum
    {
        public long Second;

        /// <summary>Ticks that tasks had a slot, of all slots together.</summary>
        public long Busy;

        public int Tasks;

        public int Failed;

        public long Input;

        public long Shuffled;

        /// <summary>Read from other processes.</summary>
        public long Remote;

        public long Spilled;
    }
}
