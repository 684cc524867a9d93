namespace MicroSpark.Tests.Model;

/// <summary>An input as RDDs with exactly its partitions.</summary>
internal sealed class Rdds(MicroSparkContext spark, Input input, string folder)
{
    private int _files;

    public MicroSparkContext Spark => spark;

    public Input Input => input;

    public int? Given => input.Given;

    public Rdd<string?> Words => Of(input.Words);

    public Rdd<string?> Others => Of(input.Others);

    public Rdd<(string? Key, int Value)> Pairs => Of(input.Pairs);

    public Rdd<(string? Key, long Value)> Prices => Of(input.Prices);

    public Rdd<int> Numbers => Of(input.Numbers);

    /// <summary>Places words, in as many partitions as the input's count says.</summary>
    public HashPartitioner<string?> Placed => new(input.Count);

    /// <summary>A path that is not there yet.</summary>
    public string NewPath() => Path.Join(folder, $"{Guid.NewGuid():N}-{_files++}");

    private Rdd<T> Of<T>(T[][] parts) => (parts.Length, input.Origin) switch
    {
        (0, _) => spark.Empty<T>(),
        (_, Origin.Union) => spark.Union(parts.Select(part => spark.Parallelize(part, 1))),
        (_, Origin.Cache) => spark.Parallelize(parts, parts.Length).FlatMap(part => part).Cache(),
        _ => spark.Parallelize(parts, parts.Length).FlatMap(part => part),
    };
}
