using MicroSpark.Client.Events;
using MicroSpark.Driver.Events;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Ui;
using MicroSpark.Model;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>A small cluster in this process, and jobs to look at.</summary>
public sealed class Scene : IAsyncDisposable
{
    private Scene(MicroSparkContext spark)
    {
        Spark = spark;
        spark.Happened += one =>
        {
            lock (Events)
            {
                Events.Add(one);
            }
        };
    }

    public MicroSparkContext Spark { get; }

    /// <summary>What happened, as an event log would have it.</summary>
    internal List<EngineEvent> Events { get; } = [];

    public string Origin => Spark.UiUri!.ToString().TrimEnd('/');

    public static async Task<Scene> StartAsync(int workers = 2, Action<MicroSparkOptions>? configure = null) => new(await MicroSparkContext.StartLocalAsync(workers, options =>
    {
        options.Silo.UiPort = 0;
        options.Slots = 2;
        options.Retry.MaxTaskFailures = 4;

        // On a busy machine any task may be slow, and its second attempt would be in no test's numbers.
        options.Speculation.Enabled = false;
        configure?.Invoke(options);
    }));

    /// <summary>Three stages; of the first one task fails once, of the second one partition has most of the elements.</summary>
    public async Task<JobId> ThreeStagesAsync(string name = "three stages", int elements = 4000)
    {
        var counts = Spark.Parallelize(Enumerable.Range(0, elements), 8)
            .MapPartitions(Stumble)
            .Map(i => (Key: i % 10 == 0 ? i % 7 : 1, Value: i))
            .GroupByKey(8)
            .Map(pair => (Key: pair.Values.Count % 3, Value: pair.Values.Sum()))
            .ReduceByKey((a, b) => a + b)
            .SetName(name);
        await counts.CountAsync();
        return (await Spark.JobsAsync()).First(job => job.Name == nameof(counts.CountAsync)).Id;
    }

    /// <summary>A link of somebody's with a name and fewer rights than the program itself has.</summary>
    internal string LinkOf(string name, Rights rights, bool control = true) =>
        Spark.Silos!.Silos[0].Page.Invite(Viewer.Of(new Principal(name, rights), control))!;

    /// <summary>What an event log of the context has.</summary>
    internal JobHistory History()
    {
        var history = new JobHistory();
        lock (Events)
        {
            foreach (var one in Events)
            {
                history.Add(one);
            }
        }

        return history;
    }

    public async ValueTask DisposeAsync() => await Spark.DisposeAsync();

    /// <summary>Partition 3 fails at the first try.</summary>
    public static IEnumerable<int> Stumble(IEnumerable<int> elements)
    {
        if (TaskContext.Current is { PartitionIndex: 3, AttemptNumber: 0 })
        {
            throw new FormatException("no number in partition 3");
        }

        return elements;
    }
}
