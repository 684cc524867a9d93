using MicroSpark.Simulation.Loop;

namespace MicroSpark.Simulation.Fabric;

/// <summary>What may happen to calls and processes.</summary>
internal enum FaultKind
{
    /// <summary>A call is lost before it ran.</summary>
    RequestLost,

    /// <summary>A call ran, and its answer is lost.</summary>
    ReplyLost,

    /// <summary>A message takes so long that later ones overtake it.</summary>
    Slow,

    /// <summary>A message comes when its caller has given up.</summary>
    Late,
}

/// <summary>How often each fault happens in one world, until they stop.</summary>
internal sealed class Faults
{
    private readonly double[] _chances = new double[Enum.GetValues<FaultKind>().Length];

    /// <summary>From then on nothing fails any more.</summary>
    public bool Stopped { get; set; }

    public double this[FaultKind kind]
    {
        get => _chances[(int)kind];
        set => _chances[(int)kind] = value;
    }

    /// <summary>Calls that never reach anybody: for scenarios, which name what is lost.</summary>
    public Func<Call, bool> Loses { get; set; } = static _ => false;

    /// <summary>Whether it happens now.</summary>
    public bool Next(World world, FaultKind kind) => !Stopped && world.Draw(_chances[(int)kind]);

    /// <summary>From a process's end to the verdict.</summary>
    public TimeSpan Detection(World world) => world.Between(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(Stopped ? 2 : 12));

    /// <summary>From a verdict to one silo's knowing of it.</summary>
    public TimeSpan Gossip(World world) => world.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(Stopped ? 1 : 4));

    /// <summary>Whether the port of a process that has ended says so.</summary>
    public bool Refuses(World world) => world.Draw(0.5);
}
