namespace MicroSpark.Bench.Shapes;

/// <summary>What a run came to, to be asked for when the clock has stopped.</summary>
internal delegate Task<string> Answer();

/// <summary>One job in the ways of its contenders.</summary>
/// <param name="Ours">Makes the input's RDD, off the clock, and gives the run.</param>
/// <param name="Hand">A loop as a C# developer writes it.</param>
internal sealed record ShapeJob(Func<MicroSparkContext, Func<Task<Answer>>> Ours, Func<Answer> Hand)
{
    /// <summary>Makes DuckDB's tables; null where DuckDB has no such thing.</summary>
    public Action<DuckDatabase>? Load { get; init; }

    public Func<DuckDatabase, Answer> Duck { get; init; } = _ => throw new InvalidOperationException("There is no query.");
}

/// <summary>A job over what people have most: strings, records, dates, files. Smaller than those of numbers, and all in one form.</summary>
/// <param name="prepare">Makes the input; what it holds open is disposed of with the workload.</param>
internal sealed class Shape(string name, string description, IReadOnlyList<Bound> goal, Func<Settings, TemporaryFolder, ShapeJob> prepare) : IWorkload
{
    private readonly TemporaryFolder _folder = new();
    private DuckDatabase? _duck;

    public static IReadOnlyList<Func<IWorkload>> All => [.. FileShapes.All, .. StringShapes.All, .. RecordShapes.All, .. DateShapes.All];

    public string Name => name;

    public string Description => description;

    public IReadOnlyList<Bound> AtLeast => [];

    public IReadOnlyList<Bound> Goal => goal;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var settings = contexts.Settings;
        var job = prepare(settings, _folder);
        var contenders = new List<Contender>
        {
            Ours(job, contexts, await PeakAsync(Contender.Ours)),
            Later(Contender.HandWritten, () => Task.FromResult(job.Hand()), null, await PeakAsync(Contender.HandWritten)),
        };
        if (job.Load is { } load)
        {
            contenders.Add(Later(Contender.DuckDb, () => Task.FromResult(job.Duck(_duck!)), () => LoadOnce(settings, load), null));
        }

        return contenders;

        async Task<double?> PeakAsync(string contender) =>
            settings.Memory ? (await ChildRun.StartAsync(ChildRun.Peak + contender + "/" + name, 0, null, settings, settings.Partitions ?? 0)).PeakMegabytes : null;
    }

    public ValueTask DisposeAsync()
    {
        _duck?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Contender Ours(ShapeJob job, Contexts contexts, double? peak)
    {
        Func<Task<Answer>>? run = null;
        return Later(Contender.Ours, () => run!(), async () => run = job.Ours(await contexts.RenewAsync()), peak);
    }

    private static Contender Later(string name, Func<Task<Answer>> run, Func<Task>? before, double? peak)
    {
        Answer? answer = null;
        return new Contender(name, async () =>
        {
            answer = await run();
            return new Outcome("", PeakMegabytes: peak);
        })
        {
            Before = before,
            Check = () => answer!(),
        };
    }

    // Not before it is asked for: a process that measures another contender's memory has none of it.
    private Task LoadOnce(Settings settings, Action<DuckDatabase> load)
    {
        if (_duck is null)
        {
            _duck = new DuckDatabase(settings);
            load(_duck);
        }

        return Task.CompletedTask;
    }
}
