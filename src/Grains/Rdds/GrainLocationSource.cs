using System.Collections.Concurrent;
using MicroSpark.Grains.Cluster;
using MicroSpark.Plans;
using MicroSpark.Slots;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// Where one silo's readers learn locations: one question at a time per recipe, and none when what is known is new enough.
/// </summary>
/// <param name="ask">Asks a recipe's RddGrain for a map of at least a version.</param>
internal sealed class GrainLocationSource(Func<LineageId, long, Task<BlockMap?>> ask, TimeProvider time, BackgroundWork background)
    : ILocationSource
{
    private const int Most = 4096;

    private readonly ConcurrentDictionary<LineageId, BlockMap> _known = new();

    // Lazy: a question begins when it is noted here, so that its end cannot come before and leave its answer noted for ever.
    private readonly ConcurrentDictionary<LineageId, Lazy<Task<BlockMap>>> _asking = new();

    public async Task<BlockMap> LocateAsync(LineageId lineage, long minVersion, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_known.TryGetValue(lineage, out var known) && known.Version >= minVersion)
            {
                return known;
            }

            // Whoever finds a question under way awaits it; its answer may be too old, then it asks again.
            var map = await _asking.GetOrAdd(lineage, l => new Lazy<Task<BlockMap>>(() => AskAsync(l, minVersion))).Value.WaitAsync(
                cancellationToken);
            if (map.Version >= minVersion)
            {
                return map;
            }
        }
    }

    /// <inheritdoc />
    /// <remarks>Of two activations of a grain the one that lives on may have the lower versions.</remarks>
    public void Forget(LineageId lineage) => _known.TryRemove(lineage, out _);

    private Task<BlockMap> AskAsync(LineageId lineage, long minVersion) => background.Run(async () =>
    {
        try
        {
            var map = await GrainCalls.RepeatAsync(() => ask(lineage, minVersion), time)
                ?? throw new InputLostException(lineage, [], null);
            if (_known.Count >= Most)
            {
                _known.Clear();
            }

            return _known.AddOrUpdate(lineage, map, (_, old) => old.Version > map.Version ? old : map);
        }
        finally
        {
            _asking.TryRemove(lineage, out _);
        }
    });
}
