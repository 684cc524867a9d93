using System.Collections.Concurrent;
using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// Who holds which recipe's blocks on one silo. A context renews all its holds at once; one that is silent for 60 s holds nothing. What
/// nobody holds and of which no block is here is forgotten.
/// </summary>
internal sealed class LeaseTable(TimeProvider time)
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(60);

    /// <summary>A context that is not heard of for so long has gone; until then nobody else's word makes it live again.</summary>
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<ContextId, long> _renewed = new();
    private readonly ConcurrentDictionary<LineageId, Holding> _holdings = new();
    private long _swept = time.GetTimestamp();

    /// <summary>Whether any of a recipe's blocks are here. Set by whoever knows them.</summary>
    public Func<LineageId, bool> HasBlocks { get; set; } = static _ => true;

    /// <summary>The recipes that are remembered.</summary>
    public int Count => _holdings.Count;

    /// <summary>A context's client is there.</summary>
    public void Renew(ContextId context) => Touch(context);

    /// <summary>Remembers what the stage's output is, and that its context holds it.</summary>
    public void Hold(StageSpec stage)
    {
        if (stage.Kind == OutputKind.Result)
        {
            return;
        }

        Touch(stage.Context);
        Add(stage.Output, stage.Context, stage);
    }

    /// <summary>Somebody says that the context holds the recipe: it does while its lease lasts.</summary>
    public void Hold(LineageId lineage, ContextId context)
    {
        _renewed.TryAdd(context, time.GetTimestamp());
        Add(lineage, context, null);
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

    /// <summary>The contexts that hold a recipe, those whose lease is over aside.</summary>
    public ContextId[] HoldersOf(LineageId lineage) =>
        IsHeld(lineage) && _holdings.TryGetValue(lineage, out var holding)
            ? [.. holding.Holders.Keys.Where(context => _renewed.TryGetValue(context, out var renewed)
                && time.GetElapsedTime(renewed) < s_lease)]
            : [];

    public void Forget(LineageId lineage) => _holdings.TryRemove(lineage, out _);

    /// <summary>The stage that made the recipe's blocks, when it ran here.</summary>
    public StageSpec? StageOf(LineageId lineage) => _holdings.GetValueOrDefault(lineage)?.Stage;

    /// <summary>The stages that made what is or was held here.</summary>
    public IEnumerable<StageSpec> Stages() => _holdings.Values.Select(h => h.Stage).OfType<StageSpec>();

    /// <summary>The persisted recipes that ran here.</summary>
    public IEnumerable<StageSpec> Persisted() =>
        Stages().Where(s => s.Kind == OutputKind.Persisted);

    private void Touch(ContextId context)
    {
        _renewed[context] = time.GetTimestamp();
        Sweep();
    }

    private void Add(LineageId lineage, ContextId context, StageSpec? stage)
    {
        var holding = _holdings.GetOrAdd(lineage, static _ => new Holding());
        holding.Stage = stage ?? holding.Stage;
        holding.Holders[context] = true;
    }

    /// <summary>Once in a lease, by whoever comes first.</summary>
    private void Sweep()
    {
        var swept = Interlocked.Read(ref _swept);
        if (time.GetElapsedTime(swept) < s_lease || Interlocked.CompareExchange(ref _swept, time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var (lineage, _) in _holdings)
        {
            if (!IsHeld(lineage) && !HasBlocks(lineage))
            {
                Forget(lineage);
            }
        }

        foreach (var (context, last) in _renewed)
        {
            if (time.GetElapsedTime(last) > s_memory)
            {
                _renewed.TryRemove(context, out _);
            }
        }
    }

    private sealed class Holding
    {
        public StageSpec? Stage { get; set; }

        public ConcurrentDictionary<ContextId, bool> Holders { get; } = new();
    }
}
