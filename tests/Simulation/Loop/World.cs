using MicroSpark.Model;

namespace MicroSpark.Simulation.Loop;

/// <summary>
/// One simulated world: a loop on one thread that runs the work of all processes, in an order and in a time that follow from the seed
/// alone. Whatever leaves that thread ends the run as a failure, since its order would be the system's.
/// <code>
///   due, by time                  lanes that can go on            the step
///   timers, messages, faults ──>  activations, pools, clients ──> one is drawn, and runs one item ──> its line in the trace
/// </code>
/// </summary>
internal sealed class World
{
    /// <summary>Many times what a world takes that goes well.</summary>
    private const long MostSteps = 400_000;

    private readonly PriorityQueue<Action, (long At, long Number)> _due = new();
    private readonly List<Lane> _ready = [];
    private long _now;
    private long _scheduled;
    private int _ours = Environment.CurrentManagedThreadId;

    public World(ulong seed, TextWriter? trace = null)
    {
        (Seed, Random) = (seed, new Random(unchecked((int)(seed ^ (seed >> 32)))));
        Trace = new Trace(this, trace);
        Fibers = new Fibers(this);
        Chance.Seed(Random);
    }

    public ulong Seed { get; }

    /// <summary>The only source of chance.</summary>
    public Random Random { get; }

    public Trace Trace { get; }

    public Fibers Fibers { get; }

    /// <summary>Since the world began.</summary>
    public TimeSpan Now => new(_now);

    /// <summary>The lane whose work runs; null between two steps.</summary>
    public Lane? Running { get; private set; }

    public long Steps { get; private set; }

    /// <summary>Why the run has failed; null while it has not.</summary>
    public string? Broken { get; private set; }

    /// <summary>How often what is of interest has happened, by name.</summary>
    public SortedDictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>Looked at after each step: returns what is wrong, or null.</summary>
    public Func<string?> Invariant { get; set; } = static () => null;

    /// <summary>Runs until something holds. False when it does not at the time given, or when nothing is left to do.</summary>
    public bool RunUntil(Func<bool> holds, TimeSpan end)
    {
        while (Broken is null && !holds())
        {
            while (_due.TryPeek(out _, out var next) && next.At <= _now)
            {
                _due.Dequeue()();
            }

            if (_ready.Count > 0)
            {
                Step(_ready[_ready.Count == 1 ? 0 : Random.Next(_ready.Count)]);
            }
            else if (_due.TryPeek(out _, out var next))
            {
                _now = next.At;
            }
            else
            {
                return false;
            }

            if (_now > end.Ticks)
            {
                return false;
            }
        }

        return Broken is null;
    }

    /// <summary>Does something at a time, outside of all processes.</summary>
    public void At(TimeSpan time, Action what)
    {
        EnsureOurs();
        _due.Enqueue(what, (Math.Max(time.Ticks, _now), _scheduled++));
    }

    public void After(TimeSpan delay, Action what) => At(Now + delay, what);

    /// <summary>A time between two, drawn.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) => new(Random.NextInt64(least.Ticks, most.Ticks + 1));

    public bool Draw(double chance) => chance > 0 && Random.NextDouble() < chance;

    public void Fail(string why) => Broken ??= why;

    public void Count(string what, long times = 1) => Counts[what] = Counts.GetValueOrDefault(what) + times;

    /// <summary>The calling thread may be the one that runs now, and no other.</summary>
    public void EnsureOurs()
    {
        if (Environment.CurrentManagedThreadId != Volatile.Read(ref _ours))
        {
            var escape = $"Work has left the simulation for thread '{Thread.CurrentThread.Name}':\n{Environment.StackTrace}";
            Fail(escape);
            throw new InvalidOperationException(escape);
        }
    }

    /// <summary>From now on this thread is the one that runs.</summary>
    public void HandTo(int thread) => Volatile.Write(ref _ours, thread);

    public void Ready(Lane lane)
    {
        if (lane.Place < 0 && lane.HasWork && lane.Node is not { Runs: false })
        {
            lane.Place = _ready.Count;
            _ready.Add(lane);
        }
    }

    public void Rest(Lane lane)
    {
        if (lane.Place >= 0)
        {
            var last = _ready[^1];
            _ready[lane.Place] = last;
            last.Place = lane.Place;
            _ready.RemoveAt(_ready.Count - 1);
            lane.Place = -1;
        }
    }

    private void Step(Lane lane)
    {
        Steps++;
        Running = lane;
        Trace.Step(lane.Name);
        try
        {
            lane.RunOne();
        }
        catch (Exception e)
        {
            Fail($"{lane.Name} threw {e}");
        }

        Running = null;
        if (!lane.HasWork)
        {
            Rest(lane);
        }

        _now += Random.Next(10, 200);
        if (Steps == MostSteps)
        {
            Fail($"After {MostSteps} steps something still runs in circles.");
        }

        if (Invariant() is { } wrong)
        {
            Fail(wrong);
        }
    }
}
