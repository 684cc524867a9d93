namespace MicroSpark.Contract;

/// <summary>Every member of the context, by its arguments' names.</summary>
internal static class Contexts
{
    public static async Task Open(CancellationToken ct)
    {
        await using var local = await MicroSparkContext.StartLocalAsync(workers: 2, configure: o => o.Slots = 1, cancellationToken: ct);
        await using var remote = await MicroSparkContext.ConnectAsync(configure: o => o.ClusterId = "c", cancellationToken: ct);
        await using var later = await MicroSparkContext.StartLocalAsync(workers: 2, configure: async o => { await Task.Yield(); o.Slots = 1; }, cancellationToken: ct);
        await using var latest = await MicroSparkContext.ConnectAsync(configure: async o => { await Task.Yield(); o.ClusterId = "c"; }, cancellationToken: ct);
        IAsyncDisposable disposable = local;
        await disposable.DisposeAsync();
    }

    public static async Task Use(MicroSparkContext spark, CancellationToken ct)
    {
        var parallelism = spark.DefaultParallelism;
        var ui = spark.UiUri;
        using (spark.JobGroup(name: "group", description: "what for"))
        {
            await spark.CancelJobGroupAsync(name: "group", cancellationToken: ct);
        }

        await spark.CancelAllJobsAsync(cancellationToken: ct);
        var workers = await spark.WorkersAsync(cancellationToken: ct);
        var jobs = await spark.JobsAsync(cancellationToken: ct);
        var rdds = await spark.PersistentRddsAsync(cancellationToken: ct);
        var sums = await spark.RunJobAsync(
            rdd: spark.Parallelize([1, 2]), perPartition: items => items.Sum(), partitions: [0], cancellationToken: ct);
        _ = (parallelism, ui, workers, jobs, rdds, sums);
    }

    public static void Sources(MicroSparkContext spark)
    {
        var items = spark.Parallelize(items: [1, 2, 3], partitions: 2);
        var toEnd = spark.Range(end: 10);
        var range = spark.Range(start: 0, end: 10, step: 2, partitions: 3);
        var empty = spark.Empty<int>();
        var few = spark.Union(items, empty);
        var many = spark.Union(new List<Rdd<int>> { items, empty });
        var text = spark.TextFile(path: "p", minPartitions: 2);
        var texts = spark.WholeTextFiles(path: "p", minPartitions: 2);
        var files = spark.BinaryFiles(path: "p", minPartitions: 2);
        var records = spark.BinaryRecords(path: "p", recordLength: 8);
        _ = (toEnd, range, few, many, text, texts, files, records);
    }

    public static void Lists(WorkerInfo worker, JobInfo job, RddInfo rdd)
    {
        _ = (worker.Name, worker.Address, worker.Slots, worker.SlotsBusy, worker.MemoryUsed, worker.MemoryBudget, worker.State);
        _ = (job.Id, job.Name, job.Group, job.State, job.StagesDone, job.StagesTotal, job.TasksDone, job.TasksTotal, job.Started, job.Duration, job.Error);
        JobState[] states = [JobState.Running, JobState.Succeeded, JobState.Failed, JobState.Cancelled];
        _ = (rdd.Lineage, rdd.Name, rdd.StorageLevel, rdd.PartitionsCached, rdd.NumPartitions, rdd.MemoryBytes, rdd.DiskBytes, states);
    }

    public static void Settings(MicroSparkOptions options)
    {
        options.ClusterId = "c";
        options.Membership.Provider = "Sqlite";
        options.Membership.ConnectionString = "Data Source=x";
        options.Silo.Address = "127.0.0.1";
        options.Silo.Port = options.Silo.GatewayPort = options.Silo.DataPort = 0;
        options.Silo.UiPort = 0;
        var slots = options.Slots = 2;
        var parallelism = options.DefaultParallelism = 4;
        options.Isolation = Isolation.Simulated;
        options.Isolation = Isolation.Process;
        var budget = options.MemoryBudget = "512MB";
        var spill = options.SpillDirectory = "d";
        var secret = options.Secret = "s";
        var file = options.SecretFile = "f";
        options.Retry.MaxTaskFailures = 2;
        options.Speculation.Enabled = false;
        _ = (slots, parallelism, budget, spill, secret, file);
    }
}
