using MicroSpark.Engine;
using MicroSpark.Model;
using MicroSpark.SharedVariables;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.SharedVariables;

/// <summary>A broadcast is the value as it was, one copy per silo, until it is destroyed.</summary>
public sealed class BroadcastTests
{
    private readonly Dictionary<int, string> _names = new() { [0] = "zero", [1] = "one", [2] = "two" };

    /// <summary>Lambdas of it capture it by <c>this</c>.</summary>
    private sealed class Lookup(Broadcast<Dictionary<int, string>> names, int fallback)
    {
        private readonly Broadcast<Dictionary<int, string>> _names = names;

        public int Fallback { get; set; } = fallback;

        public Rdd<string> Name(Rdd<int> numbers) => numbers.Map(n => _names.Value[n % 3] + Fallback);
    }

    [Theory]
    [MemberData(nameof(OperatorGrid.Shapes), MemberType = typeof(OperatorGrid))]
    public Task It_reads_the_same_everywhere_and_is_decoded_once_per_silo(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var before = bench.Runner.Decoded;
            var names = SharedVariable.Broadcast(bench.Runner, new Dictionary<int, string>(_names) { [3] = $"{bench.Partitions}" });
            var expected = Enumerable.Range(0, 40).Select(n => names.Value[n % 3]).ToArray();
            Assert.Equal(expected, await bench.Of(Enumerable.Range(0, 40)).Map(n => names.Value[n % 3]).CollectAsync());
            Assert.Equal(expected.Length, await bench.Of(Enumerable.Range(0, 40)).Filter(n => names.Value.ContainsKey(n % 3)).CountAsync());
            Assert.Equal(Math.Min(workers, bench.Partitions), bench.Runner.Decoded - before);
        });

    [Theory]
    [MemberData(nameof(OperatorGrid.Shapes), MemberType = typeof(OperatorGrid))]
    public Task Captured_by_this_in_nested_lambdas_and_inside_values(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var names = SharedVariable.Broadcast(bench.Runner, _names);
            var numbers = bench.Of(Enumerable.Range(0, 12));
            Assert.Equal(Enumerable.Range(0, 12).Select(n => _names[n % 3] + "9"), await new Lookup(names, 9).Name(numbers).CollectAsync());

            var all = new List<Broadcast<Dictionary<int, string>>> { names, names };
            Func<int, string> inner = n => names.Value[n];
            var joined = await numbers.FlatMap(n => Enumerable.Range(0, 2).Select(k => inner(k) + all[k].Value[n % 3]))
                .Map(text => (text, 1)).ReduceByKey((a, b) => a + b + (names.Value.Count - 3)).CollectAsync();
            var expected = Enumerable.Range(0, 12).SelectMany(n => Enumerable.Range(0, 2).Select(k => _names[k] + _names[n % 3])).CountBy(t => t).Select(p => (p.Key, p.Value));
            Assert.Equal(expected.Order(), joined.Order());
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tasks_see_the_value_as_it_was(bool simulated)
    {
        using var runner = new LocalRunner(1, fused: true, simulated);
        var list = new List<int> { 1, 2, 3 };
        var broadcast = SharedVariable.Broadcast(runner, list);
        list.Add(4);
        Assert.Equal(3, Assert.Single(await Source.Parallelize(runner, [0], 1).Map(_ => broadcast.Value.Count).CollectAsync()));
        Assert.Same(list, broadcast.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Null_and_large_values_travel(bool simulated)
    {
        using var runner = new LocalRunner(2, fused: true, simulated);
        var nothing = SharedVariable.Broadcast<string?>(runner, null);
        var numbers = Enumerable.Range(0, 6_000_000).Select(n => (long)n * 7).ToArray();
        var large = SharedVariable.Broadcast(runner, numbers);
        Assert.True(large.Content.Chunks.Count >= 11);
        var rdd = Source.Parallelize(runner, Enumerable.Range(0, 4), 4);
        Assert.Equal(4, await rdd.Filter(_ => nothing.Value is null).CountAsync());
        Assert.Equal(Enumerable.Repeat(numbers.Sum(), 4), await rdd.Map(_ => large.Value.Sum()).CollectAsync());

        // Counted in the silos' budgets, as decoded, as long as they have it.
        Assert.All(runner.Workers, static w => Assert.InRange(w.Memory.Shared, 48_000_000, 49_000_000));
        await large.UnpersistAsync();
        await nothing.UnpersistAsync();
        Assert.All(runner.Workers, static w => Assert.Equal(0, w.Memory.Shared));
    }

    [Fact]
    public async Task Forgotten_with_code_it_is_decoded_again_and_counted_once()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: true);
        var names = SharedVariable.Broadcast(runner, _names);
        var rdd = Source.Parallelize(runner, Enumerable.Range(0, 4), 4).Map(n => names.Value[n % 3]);
        await rdd.CountAsync();
        var worker = Assert.Single(runner.Workers);
        var counted = worker.Memory.Shared;
        Assert.True(counted > 0);
        worker.ForgetCode(new HashSet<AssemblyId>(), null);
        Assert.Equal(0, worker.Memory.Shared);
        await rdd.CountAsync();
        Assert.Equal(counted, worker.Memory.Shared);
        Assert.Equal(2, runner.Decoded);
    }

    [Fact]
    public async Task Unpersisted_it_is_sent_again()
    {
        using var runner = new LocalRunner(2, fused: true, simulated: true);
        var names = SharedVariable.Broadcast(runner, _names);
        var rdd = Source.Parallelize(runner, Enumerable.Range(0, 4), 4).Map(n => names.Value[n % 3]);
        await rdd.CountAsync();
        Assert.Equal(2, runner.Decoded);
        await names.UnpersistAsync();
        Assert.Equal(["zero", "one", "two", "zero"], await rdd.CollectAsync());
        Assert.Equal(4, runner.Decoded);
        Assert.Equal(_names, names.Value);
    }

    [Fact]
    public async Task Destroyed_it_is_refused_at_declaration_in_the_program_and_in_tasks()
    {
        using var runner = new LocalRunner(2, fused: true, simulated: true);
        var names = SharedVariable.Broadcast(runner, _names);
        var numbers = Source.Parallelize(runner, Enumerable.Range(0, 4), 4);
        var declared = numbers.Map(n => names.Value[n % 3]);
        await declared.CountAsync();
        await names.DestroyAsync();
        await names.DestroyAsync();
        Assert.Contains("destroyed", Assert.Throws<ObjectDisposedException>(() => names.Value).Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => { _ = names.UnpersistAsync(); });
        var refused = Assert.Throws<ClosureNotShippableException>(() => numbers.Map(n => names.Value[n % 3]));
        Assert.Equal("names", refused.FieldPath);
        Assert.Contains("destroyed", refused.Message, StringComparison.Ordinal);
        var failed = await Assert.ThrowsAsync<TaskFailedException>(() => declared.CollectAsync());
        Assert.Contains("destroyed", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_with_one_content_one_may_be_destroyed()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: true);
        var (first, second) = (SharedVariable.Broadcast(runner, _names), SharedVariable.Broadcast(runner, new Dictionary<int, string>(_names)));
        var numbers = Source.Parallelize(runner, Enumerable.Range(0, 4), 2);
        Rdd<string> Use(Broadcast<Dictionary<int, string>> names) => numbers.Map(n => names.Value[n % 3]);
        Assert.Equal(Use(first).Lineage, Use(second).Lineage);
        Assert.NotEqual(Use(first).Lineage, Use(SharedVariable.Broadcast(runner, new Dictionary<int, string>())).Lineage);
        await first.DestroyAsync();
        Assert.Equal(["zero", "one", "two", "zero"], await Use(second).CollectAsync());
    }

    [Fact]
    public void What_cannot_travel_is_refused_when_it_is_broadcast()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var error = Assert.Throws<ArgumentException>(() => SharedVariable.Broadcast(runner, new object[] { new MemoryStream() }));
        Assert.Contains("MemoryStream", error.Message, StringComparison.Ordinal);
        var numbers = Source.Parallelize(runner, [1], 1);
        Assert.Contains("Collect", Assert.Throws<ArgumentException>(() => SharedVariable.Broadcast(runner, numbers)).Message, StringComparison.Ordinal);
        var inside = Assert.Throws<ArgumentException>(() => Source.Parallelize(runner, [SharedVariable.Broadcast(runner, 1)], 1));
        Assert.Contains("capture it", inside.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_cannot_end_it()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var one = SharedVariable.Broadcast(runner, 1);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.Parallelize(runner, [1], 1).ForeachAsync(_ => one.DestroyAsync()));
        Assert.Contains("program", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, one.Value);
    }
}
