namespace MicroSpark.Tests.Scenarios;

/// <summary>Object files and checkpoints, wherever the tasks run.</summary>
[Collection(ShapesCollection.Name)]
public sealed class CheckpointTests(Shapes shapes)
{
    public sealed record Row(string Key, double[] Values);

    [Theory, EveryShape]
    public async Task Rows_saved_as_objects_are_read_again(string shape)
    {
        var spark = shapes.Of(shape);
        var folder = Directory.CreateTempSubdirectory("microspark-objects-");
        try
        {
            var path = Path.Join(folder.FullName, "rows");
            var rows = spark.Parallelize(Enumerable.Range(0, 50), 5).Map(n => new Row($"row {n}", [n, n * 2.0]));
            await rows.SaveAsObjectFileAsync(path);
            Assert.Equal(["_SUCCESS", .. Enumerable.Range(0, 5).Select(n => $"part-0000{n}")], Directory.EnumerateFiles(path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
            var read = spark.ObjectFile<Row>(path);
            Assert.Equal(5, read.NumPartitions);
            Assert.Equal(Enumerable.Range(0, 50).Select(n => $"row {n} {n * 2.0}"), await read.Map(r => $"{r.Key} {r.Values[1]}").CollectAsync());
            var error = await Assert.ThrowsAsync<JobFailedException>(() => spark.ObjectFile<(string, int)>(path).CountAsync());
            Assert.Contains("ObjectFile<Row>", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory, EveryShape]
    public async Task A_checkpoint_cuts_the_lineage(string shape)
    {
        var spark = shapes.Of(shape);
        var folder = Directory.CreateTempSubdirectory("microspark-checkpoints-");
        try
        {
            Assert.Throws<InvalidOperationException>(() => spark.Range(3).Checkpoint());
            spark.SetCheckpointDirectory(folder.FullName);
            var computed = spark.LongAccumulator();
            var rows = spark.Parallelize(Enumerable.Range(0, 50), 5).Map(n =>
            {
                computed += 1;
                return (n % 5, new Row($"row {n}", [n]));
            }).Cache().Checkpoint();
            Assert.Equal(10, await rows.Filter(p => p.Item1 == 2).CountAsync());
            Assert.True(rows.IsCheckpointed);
            Assert.Equal(50, computed.Value);
            await rows.UnpersistAsync();
            Assert.Equal(5, await rows.MapValues(r => r.Values[0]).ReduceByKey((a, b) => a + b).CountAsync());
            Assert.Equal(50, computed.Value);
        }
        finally
        {
            spark.Runner.CheckpointDirectory = null;
            folder.Delete(recursive: true);
        }
    }

    [Theory, EveryShape]
    public async Task A_local_checkpoint_cuts_the_lineage(string shape)
    {
        var spark = shapes.Of(shape);
        var computed = spark.LongAccumulator();
        var rows = spark.Parallelize(Enumerable.Range(0, 50), 5).Map(n =>
        {
            computed += 1;
            return n;
        }).LocalCheckpoint();
        Assert.Equal(0, await rows.FirstAsync());
        Assert.True(rows.IsCheckpointed);
        Assert.Equal(1225, await rows.SumAsync());
        Assert.Equal(50, computed.Value);
        await rows.UnpersistAsync();
        var lost = await Assert.ThrowsAsync<JobFailedException>(() => rows.SumAsync());
        Assert.Contains("Checkpoint()", lost.Message, StringComparison.Ordinal);
    }
}
