using System.Runtime.CompilerServices;
using MicroSpark.Driver.Jobs;
using MicroSpark.Model;
using MicroSpark.Plans;

namespace MicroSpark.Tests.Jobs;

/// <summary>The test says what the collector takes: recipes that nothing here holds any more.</summary>
public sealed class OutputNamesTests : IAsyncDisposable
{
    private readonly List<LineageId[]> _released = [];
    private readonly Clock _time = new();
    private readonly OutputNames _names;
    private Func<LineageId[], Task<LineageId[]>> _answer = static _ => Task.FromResult(Array.Empty<LineageId>());
    private MicroSparkContext? _spark;
    private int _collections;

    public OutputNamesTests() => _names = new OutputNames(
        lineages =>
        {
            _released.Add(lineages);
            return _answer(lineages);
        },
        () => _collections++, _time);

    public async ValueTask DisposeAsync()
    {
        _names.Dispose();
        if (_spark is not null)
        {
            await _spark.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_output_is_named_while_its_recipe_a_child_or_a_twin_lives()
    {
        _spark = await MicroSparkContext.StartLocalAsync();
        var (child, twin, lineage) = await DeclareAsync(1);
        await CollectAsync();
        Assert.Empty(_released);
        child = null;
        await CollectAsync();
        Assert.Empty(_released);
        GC.KeepAlive(twin);
        GC.KeepAlive(child);
        twin = null;
        await CollectAsync();
        Assert.Equal([lineage], Assert.Single(_released));
        Assert.Equal(0, _names.Count);
        await CollectAsync();
        Assert.Single(_released);
    }

    [Fact]
    public async Task A_recipe_declared_again_waits_for_the_release_that_is_under_way()
    {
        _spark = await MicroSparkContext.StartLocalAsync();
        var lineage = await DeclareOnlyAsync(2);
        var answer = new TaskCompletionSource<LineageId[]>();
        _answer = _ => answer.Task;
        await Task.Yield();
        Collect();
        var looking = _names.LookAsync();
        var again = Recipe(2).Node;
        var held = _names.HoldAsync(Shuffles(again));
        Assert.False(held.IsCompleted);
        answer.SetResult([]);
        await held;
        await looking;
        await CollectAsync();
        Assert.Equal([lineage], Assert.Single(_released));
        Assert.Equal(1, _names.Count);
        GC.KeepAlive(again);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_could_not_be_released_is_tried_again(bool unreachable)
    {
        _spark = await MicroSparkContext.StartLocalAsync();
        var lineage = await DeclareOnlyAsync(3);
        _answer = lineages => unreachable ? throw new TimeoutException() : Task.FromResult(lineages);
        await CollectAsync();
        Assert.Equal(1, _names.Count);
        _answer = static _ => Task.FromResult(Array.Empty<LineageId>());
        await CollectAsync();
        Assert.Equal([[lineage], [lineage]], _released);
        Assert.Equal(0, _names.Count);
    }

    [Fact]
    public async Task Many_outputs_ask_for_a_collection_now_and_then()
    {
        _spark = await MicroSparkContext.StartLocalAsync();
        var kept = new List<PlanNode>();
        for (var i = 0; i < OutputNames.Many; i++)
        {
            kept.Add(Recipe(1000 + i).Node);
            await _names.HoldAsync(Shuffles(kept[^1]));
        }

        // What the collector has done by itself meanwhile is seen.
        await _names.LookAsync();
        var asked = _collections;
        var before = GC.CollectionCount(2);
        for (var i = 0; i < OutputNames.Many; i++)
        {
            kept.Add(Recipe(2000 + i).Node);
            await _names.HoldAsync(Shuffles(kept[^1]));
        }

        _time.Now += TimeSpan.FromSeconds(29);
        await _names.LookAsync();
        Assert.Equal(asked, _collections);
        _time.Now += TimeSpan.FromSeconds(2);
        await _names.LookAsync();
        Assert.True(_collections == asked + 1 || GC.CollectionCount(2) > before);
        _time.Now += TimeSpan.FromMinutes(2);
        await _names.LookAsync();
        Assert.InRange(_collections, asked, asked + 1);
        GC.KeepAlive(kept);
    }

    private static PlanNode[] Shuffles(PlanNode root)
    {
        var found = new List<PlanNode>();
        var pending = new Stack<PlanNode>([root]);
        while (pending.TryPop(out var node))
        {
            found.AddRange(node.Output == OutputKind.Shuffle ? [node] : []);
            foreach (var parent in node.Parents)
            {
                pending.Push(parent);
            }
        }

        return [.. found];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<(Rdd<int>? Child, PlanNode? Twin, LineageId Lineage)> DeclareAsync(int number)
    {
        var recipe = Recipe(number);
        var twin = Recipe(number).Node;
        await _names.HoldAsync(Shuffles(recipe.Node));
        await _names.HoldAsync(Shuffles(twin));
        Assert.Equal(1, _names.Count);
        return (recipe.Map(static pair => pair.Item2), twin, Assert.Single(Shuffles(twin)).Lineage);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<LineageId> DeclareOnlyAsync(int number) => (await DeclareAsync(number)).Lineage;

    private Rdd<(int, int)> Recipe(int number) =>
        _spark!.Range(0, number, partitions: 1).Map(static n => ((int)n, 1)).ReduceByKey(static (a, b) => a + b, 2);

    private async Task CollectAsync()
    {
        // What a state machine of this test held is gone after a turn of its own.
        await Task.Yield();
        Collect();
        await _names.LookAsync();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Collect()
    {
        for (var round = 0; round < 2; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
