namespace MicroSpark.Simulation.Loop;

/// <summary>One process of the simulated cluster: what runs in it, and whether it runs.</summary>
internal abstract class Node
{
    private readonly List<Lane> _lanes = [];

    protected Node(World world, string name)
    {
        (World, Name) = (world, name);
        Time = new SimulatedTime(world, this);
    }

    public World World { get; }

    public string Name { get; }

    /// <summary>The process's clock.</summary>
    public SimulatedTime Time { get; }

    /// <summary>It has ended, and nothing of it ever runs again.</summary>
    public bool Crashed { get; private set; }

    /// <summary>Nothing of it runs for a while.</summary>
    public bool Frozen { get; private set; }

    public bool Runs => !Crashed && !Frozen;

    public Lane NewLane(string name)
    {
        var lane = new Lane(World, this, $"{Name}/{name}");
        _lanes.Add(lane);
        return lane;
    }

    /// <summary>Runs a callback of the process's clock or network.</summary>
    public abstract void Call(Action callback);

    public virtual void Crash()
    {
        Crashed = true;
        Rest();
    }

    public void Freeze()
    {
        Frozen = true;
        Rest();
    }

    public void Thaw()
    {
        if (Frozen)
        {
            Frozen = false;
            foreach (var lane in _lanes)
            {
                World.Ready(lane);
            }
        }
    }

    private void Rest()
    {
        foreach (var lane in _lanes)
        {
            World.Rest(lane);
        }
    }
}
