namespace MicroSpark.Tests.Model;

/// <summary>One public operation with its model in plain LINQ. The name is the member as the coverage test writes it; behind a colon stands which use of it this is.</summary>
internal sealed record Operation(string Name, Func<Rdds, Task<string>> RunAsync, Func<Input, Task<string>> ModelAsync)
{
    public string Member => Name.Split(':')[0];

    /// <summary>A transformation that keeps order and says which elements are in which partition.</summary>
    public static Operation Layout<T>(string name, Func<Rdds, Rdd<T>> run, Func<Input, IEnumerable<IEnumerable<T>>> model) => new(
        name,
        async rdds =>
        {
            var rdd = run(rdds);
            var parts = await rdd.Glom().CollectAsync();
            Assert.Equal(rdd.NumPartitions, parts.Length);
            Assert.Equal(Outcome.Of(parts.SelectMany(part => part)), Outcome.Of(await rdd.CollectAsync()));
            return Outcome.Of(parts);
        },
        input => Task.FromResult(Outcome.Of(model(input))));

    /// <summary>A transformation that says the order of all elements, and how many partitions they are in.</summary>
    public static Operation Sequence<T>(string name, Func<Rdds, Rdd<T>> run, Func<Input, IEnumerable<T>> model, Func<Input, int> partitions) => new(
        name,
        async rdds =>
        {
            var rdd = run(rdds);
            return $"{rdd.NumPartitions} partitions: {Outcome.Of(await rdd.CollectAsync())}";
        },
        input => Task.FromResult($"{partitions(input)} partitions: {Outcome.Of(model(input))}"));

    /// <summary>A transformation that promises no order, but the same at each evaluation.</summary>
    public static Operation Bag<T, M>(string name, Func<Rdds, Rdd<T>> run, Func<Input, IEnumerable<M>> model, Func<Input, int> partitions) => new(
        name, async rdds => await BagAsync(run(rdds)), input => Task.FromResult($"{partitions(input)} partitions: {Outcome.OfBag(model(input))}"));

    /// <summary>A bag of pairs whose partitioner is known afterwards, and true.</summary>
    public static Operation Placed<V>(
        string name, Func<Rdds, Rdd<(string? Key, V Value)>> run, Func<Input, IEnumerable<(string? Key, V Value)>> model, Func<Input, int> partitions) => new(
        name,
        async rdds =>
        {
            var rdd = run(rdds);
            var partitioner = rdd.Partitioner();
            Assert.NotNull(partitioner);
            Assert.Equal(rdd.NumPartitions, partitioner.NumPartitions);
            foreach (var (partition, pairs) in (await rdd.Glom().CollectAsync()).Index())
            {
                Assert.All(pairs, pair => Assert.Equal(partition, partitioner.GetPartition(pair.Key)));
            }

            return await BagAsync(rdd);
        },
        input => Task.FromResult($"{partitions(input)} partitions: {Outcome.OfBag(model(input))}"));

    /// <summary>An action.</summary>
    public static Operation Value<T>(string name, Func<Rdds, Task<T>> run, Func<Input, object?> model) => new(
        name, async rdds => Outcome.Of(await run(rdds)), input => Task.FromResult(Outcome.Of(model(input))));

    /// <summary>An action that gives floating numbers: rounding aside, those of the model.</summary>
    public static Operation Near(string name, Func<Rdds, Task<double[]>> run, Func<Input, double[]> model, double tolerance = 1e-9) => new(
        name,
        async rdds =>
        {
            var found = await run(rdds);
            var expected = model(rdds.Input);
            Assert.Equal(expected.Length, found.Length);
            Assert.All(expected.Zip(found), pair => Assert.True(
                pair.First.Equals(pair.Second) || Math.Abs(pair.First - pair.Second) <= tolerance * Math.Max(1, Math.Abs(pair.First)),
                $"{name}: expected {pair.First:R}, found {pair.Second:R}"));
            return "near";
        },
        input =>
        {
            model(input);
            return Task.FromResult("near");
        });

    public override string ToString() => Name;

    private static async Task<string> BagAsync<T>(Rdd<T> rdd)
    {
        var items = await rdd.CollectAsync();
        Assert.Equal(Outcome.Of(items), Outcome.Of(await rdd.CollectAsync()));
        return $"{rdd.NumPartitions} partitions: {Outcome.OfBag(items)}";
    }
}
