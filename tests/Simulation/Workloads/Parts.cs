namespace MicroSpark.Simulation.Workloads;

/// <summary>
/// What a seed draws for its world: each kind of fault, each event, each program. Any of them can be left out. All are drawn as before
/// then, so that what stays is the same.
/// </summary>
/// <param name="without">Those that are left out, by their number.</param>
internal sealed class Parts(IReadOnlySet<int> without)
{
    private readonly List<string> _names = [];

    /// <summary>How many were drawn, with those that are left out.</summary>
    public int Drawn { get; private set; }

    /// <summary>Those that are there, for people.</summary>
    public string Description => _names.Count == 0 ? "no faults" : string.Join(", ", _names);

    /// <summary>Whether what was drawn is there.</summary>
    public bool Has(string name)
    {
        var has = !without.Contains(Drawn++);
        if (has)
        {
            _names.Add(name);
        }

        return has;
    }
}

/// <summary>Finds the fewest parts of a world that still break it.</summary>
internal static class Shrinking
{
    /// <summary>Leaves out one after the other for as long as something breaks, whatever that is.</summary>
    /// <returns>What can be left out, and what the rest comes to.</returns>
    public static (SortedSet<int> Without, Outcome Outcome) Shrink(ulong seed, Outcome broken, bool varied)
    {
        var without = new SortedSet<int>();
        for (var before = -1; before < without.Count;)
        {
            before = without.Count;
            for (var part = 0; part < broken.Parts; part++)
            {
                if (without.Add(part))
                {
                    var outcome = Scenario.Run(seed, without, varied);
                    if (outcome.Broken is null)
                    {
                        without.Remove(part);
                    }
                    else
                    {
                        broken = outcome;
                    }
                }
            }
        }

        return (without, broken);
    }
}
