namespace MicroSpark.Contract;

/// <summary>Broadcasts, accumulators, an accumulator of a program's own; checkpoints, object files and barrier stages.</summary>
internal static class SharedVariables
{
    public static async Task Broadcasts(MicroSparkContext spark, Rdd<string> words, CancellationToken ct)
    {
        var ranks = spark.Broadcast(value: new Dictionary<string, int> { ["a"] = 1 });
        var ranked = words.Map(word => ranks.Value.GetValueOrDefault(word));
        var value = ranks.Value;
        await ranks.UnpersistAsync(cancellationToken: ct);
        await ranks.DestroyAsync(cancellationToken: ct);
        _ = (ranked, value);
    }

    public static async Task Accumulators(MicroSparkContext spark, Rdd<string> words)
    {
        var count = spark.LongAccumulator(name: "count");
        var size = spark.DoubleAccumulator(name: "size");
        var bad = spark.CollectionAccumulator<string>(name: "bad");
        var longest = new Longest();
        spark.Register(accumulator: longest, name: "longest");
        await words.ForeachAsync(word =>
        {
            count += 1;
            count.Add(1);
            size += 0.5;
            size.Add(word.Length);
            bad.Add(word);
            longest.Add(word);
        });
        var whole = (count.Value, count.Sum, count.Count, count.Average, count.IsZero);
        var real = (size.Value, size.Sum, size.Count, size.Average, size.IsZero);
        var rows = bad.Value;
        var text = longest.Value;
        count.Merge(spark.LongAccumulator());
        size.Merge(spark.DoubleAccumulator());
        count.Reset();
        size.Reset();
        bad.Reset();
        _ = (whole, real, rows, text);
    }

    public static async Task Checkpoints(MicroSparkContext spark, Rdd<string> words, CancellationToken ct)
    {
        spark.SetCheckpointDirectory(path: "checkpoints");
        var saved = words.Checkpoint();
        var kept = words.LocalCheckpoint();
        var done = words.IsCheckpointed;
        await words.SaveAsObjectFileAsync(path: "p", cancellationToken: ct);
        var read = spark.ObjectFile<string>(path: "p");
        var open = spark.ObjectFile<object>(path: "p", knownTypes: [typeof(Version)]);
        var barrier = words.Barrier();
        var together = barrier.MapPartitions(f: items => items.Select(word => word.Length), preservesPartitioning: false);
        var indexed = barrier.MapPartitionsWithIndex(f: (index, items) => items.Select(word => index), preservesPartitioning: false);
        _ = (saved, kept, done, read, open, together, indexed);
    }

    private sealed class Longest : Accumulator<string, string?>
    {
        private string? _word;

        public override string? Value => _word;

        public override bool IsZero => _word is null;

        public override void Add(string item) => _word = item.Length > (_word?.Length ?? -1) ? item : _word;

        public override void Merge(Accumulator<string, string?> other)
        {
            if (other.Value is { } word)
            {
                Add(word);
            }
        }

        public override Accumulator<string, string?> Copy() => new Longest { _word = _word };

        public override void Reset() => _word = null;
    }
}
