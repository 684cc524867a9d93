namespace MicroSpark.Tests.Scenarios;

/// <summary>Broadcasts and accumulators as programs use them, wherever the tasks run.</summary>
[Collection(ShapesCollection.Name)]
public sealed class SharedVariableTests(Shapes shapes)
{
    public sealed record Rate(string Currency, double Factor);

    private sealed class Distinct : Accumulator<string, IReadOnlySet<string>>
    {
        private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);

        public override IReadOnlySet<string> Value => _seen;

        public override bool IsZero => _seen.Count == 0;

        public override void Add(string item) => _seen.Add(item);

        public override void Merge(Accumulator<string, IReadOnlySet<string>> other) => _seen.UnionWith(other.Value);

        public override Accumulator<string, IReadOnlySet<string>> Copy()
        {
            var copy = new Distinct();
            copy._seen.UnionWith(_seen);
            return copy;
        }

        public override void Reset() => _seen.Clear();
    }

    [Theory, EveryShape]
    public async Task A_broadcast_of_the_programs_own_types_is_read_in_lambdas(string shape)
    {
        var spark = shapes.Of(shape);
        var rates = spark.Broadcast(new Dictionary<string, Rate> { ["eur"] = new("eur", 1.0), ["usd"] = new("usd", 0.5) });
        var nothing = spark.Broadcast<Rate?>(null);
        var amounts = spark.Parallelize([("eur", 10.0), ("usd", 4.0), ("eur", 1.0)], 3);
        var inEuro = await amounts.Map(a => a.Item2 * rates.Value[a.Item1].Factor + (nothing.Value?.Factor ?? 0)).SumAsync();
        Assert.Equal(13.0, inEuro);
        Assert.Equal(["eur", "usd"], rates.Value.Keys.Order());
        await rates.UnpersistAsync();
        var byCurrency = await amounts.ReduceByKey((a, b) => a + (b * rates.Value["eur"].Factor)).CollectAsMapAsync();
        Assert.Equal((11.0, 4.0), (byCurrency["eur"], byCurrency["usd"]));
    }

    [Theory, EveryShape]
    public async Task A_large_broadcast_comes_in_pieces(string shape)
    {
        var spark = shapes.Of(shape);
        var weights = Enumerable.Range(0, 3_000_000).Select(n => n * 0.5).ToArray();
        var broadcast = spark.Broadcast(weights);
        Assert.True(broadcast.Content.Chunks.Count > 5);
        var sums = await spark.Parallelize(Enumerable.Range(0, 6), 6).Map(n => broadcast.Value[n * 100_000] + broadcast.Value[^1]).CollectAsync();
        Assert.Equal(Enumerable.Range(0, 6).Select(n => weights[n * 100_000] + weights[^1]), sums);
        await broadcast.DestroyAsync();
    }

    [Theory, EveryShape]
    public async Task A_destroyed_broadcast_is_refused_and_fails_the_tasks_that_read_it(string shape)
    {
        var spark = shapes.Of(shape);
        var limit = spark.Broadcast(new List<int> { Random.Shared.Next() });
        var numbers = spark.Parallelize(Enumerable.Range(0, 6), 3);
        var small = numbers.Filter(n => n < limit.Value[0]);
        Assert.Equal(6, await small.CountAsync());
        await limit.DestroyAsync();
        Assert.Contains("destroyed", Assert.Throws<ClosureNotShippableException>(() => numbers.Map(n => limit.Value[0])).Message, StringComparison.Ordinal);

        // At once: the client has it no more, so nobody waits for it to bring it.
        var failed = await Assert.ThrowsAsync<JobFailedException>(() => small.CountAsync()).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains("destroyed", failed.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => limit.Value);
        Assert.Equal(6, await numbers.CountAsync());
    }

    [Theory, EveryShape]
    public async Task Accumulators_of_all_kinds_are_read_after_the_action(string shape)
    {
        var spark = shapes.Of(shape);
        var rows = spark.LongAccumulator("rows");
        var size = spark.DoubleAccumulator();
        var bad = spark.CollectionAccumulator<(int Row, string Text)>("bad rows");
        var words = new Distinct();
        spark.Register(words, "words");
        var lines = spark.Parallelize(["1", "2", "x", "4", "Y", "y"], 3);
        var parsed = lines.MapPartitionsWithIndex((partition, texts) => texts.Select(text =>
        {
            rows += 1;
            size += text.Length;
            if (!int.TryParse(text, out var number))
            {
                bad.Add((partition, text));
                words.Add(text);
            }

            return number;
        }));
        Assert.True(rows.IsZero);
        Assert.Equal(7, await parsed.SumAsync());
        Assert.Equal((6, 6.0, "rows"), (rows.Value, size.Value, rows.Name));
        Assert.Equal([(1, "x"), (2, "Y"), (2, "y")], bad.Value);
        Assert.Equal(["x", "Y"], words.Value.Order(StringComparer.OrdinalIgnoreCase));
        Assert.True(words.Value.Contains("X"));
    }

    [Theory, EveryShape]
    public async Task A_shuffled_or_kept_output_counts_when_it_is_computed(string shape)
    {
        var spark = shapes.Of(shape);
        var (mapped, reduced) = (spark.LongAccumulator(), spark.LongAccumulator());
        var sums = spark.Parallelize(Enumerable.Range(0, 100), 5).Map(n =>
        {
            mapped += 1;
            return (n % 10, n);
        }).Cache().ReduceByKey((a, b) => a + b, 3).MapValues(v =>
        {
            reduced += v;
            return v;
        });
        Assert.Equal(10, await sums.CountAsync());
        Assert.Equal((100, 4950), (mapped.Value, reduced.Value));
        Assert.Equal(4950, await sums.Values().SumAsync());
        Assert.Equal((100, 9900), (mapped.Value, reduced.Value));
    }

    [Theory, EveryShape]
    public async Task What_cannot_be_counted_is_refused(string shape)
    {
        var spark = shapes.Of(shape);
        var numbers = spark.Parallelize(Enumerable.Range(0, 6), 3);
        var count = new LongAccumulator();
        var refused = Assert.Throws<ClosureNotShippableException>(() => { _ = numbers.ForeachAsync(n => count.Add(n)); });
        Assert.Contains("Register", refused.Message, StringComparison.Ordinal);
        spark.Register(count);
        Assert.Throws<InvalidOperationException>(() => spark.Register(count));
        var read = await Assert.ThrowsAsync<JobFailedException>(() => numbers.Map(n => n + count.Value).CollectAsync());
        Assert.IsType<InvalidOperationException>(read.InnerException);
        Assert.True(count.IsZero);
    }
}
