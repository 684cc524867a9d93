using System.Collections.Concurrent;
using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// Who holds which recipe's blocks on one silo. A context renews all its holds at once; one that is silent for 60 s holds nothing.
/// </summary>
internal sealed class LeaseTable(TimeProvider time)
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<ContextId, long> _renewed = new();
    private readonly ConcurrentDictionary<LineageId, Holding> _holdings = new();

    public void Renew(ContextId context) => _renewed[context] = time.GetTimestamp();

    /// <summary>Remembers what the stage's output is, and that its context holds it.</summary>
    public void Hold(StageSpec stage)
    {
        if (stage.Kind == OutputKind.Result)
        {
            return;
        }

        var holding = _holdings.GetOrAdd(stage.Output, static _ => new Holding());
        holding.Stage = stage;
        Hold(stage.Output, stage.Context);
    }

    public void Hold(LineageId lineage, ContextId context)
    {
        Renew(context);
        _holdings.GetOrAdd(lineage, static _ => new Holding()).Holders[context] = true;
    }

    /// <summary>Drops one hold; true when somebody else still holds the recipe.</summary>
    public bool Release(LineageId lineage, ContextId context)
    {
        if (_holdings.TryGetValue(lineage, out var holding))
        {
            holding.Holders.TryRemove(context, out _);
        }

        return IsHeld(lineage);
    }

    public bool IsHeld(LineageId lineage)
    {
        if (!_holdings.TryGetValue(lineage, out var holding))
        {
            return false;
        }

        foreach (var (context, _) in holding.Holders)
        {
            if (_renewed.TryGetValue(context, out var renewed) && time.GetElapsedTime(renewed) < s_lease)
            {
                return true;
            }

            holding.Holders.TryRemove(context, out _);
        }

        return false;
    }

    public void Forget(LineageId lineage) => _holdings.TryRemove(lineage, out _);

    /// <summary>The stage that made the recipe's blocks, when it ran here.</summary>
    public StageSpec? StageOf(LineageId lineage) => _holdings.GetValueOrDefault(lineage)?.Stage;

    /// <summary>The stages that made what is or was held here.</summary>
    public IEnumerable<StageSpec> Stages() => _holdings.Values.Select(h => h.Stage).OfType<StageSpec>();

    /// <summary>The persisted recipes that ran here.</summary>
    public IEnumerable<StageSpec> Persisted() =>
        Stages().Where(s => s.Kind == OutputKind.Persisted);

    private sealed class Holding
    {
        public StageSpec? Stage { get; set; }

        public ConcurrentDictionary<ContextId, bool> Holders { get; } = new();
    }
}
