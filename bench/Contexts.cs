namespace MicroSpark.Bench;

/// <summary>The embedded clusters that MicroSpark's contenders run in: one silo, a slot for each thread.</summary>
internal sealed class Contexts(Settings settings) : IAsyncDisposable
{
    private MicroSparkContext? _compiled;
    private MicroSparkContext? _interpreted;

    public Settings Settings => settings;

    /// <summary>The one that is there, as a user gets it: stages compiled into one loop.</summary>
    public async Task<MicroSparkContext> CompiledAsync() => _compiled ??= await StartAsync(fused: true);

    /// <summary>The same with plain delegates.</summary>
    public async Task<MicroSparkContext> InterpretedAsync() => _interpreted ??= await StartAsync(fused: false);

    /// <summary>
    /// A new one. Shuffle outputs outlive their job: the same recipe in the same cluster, run again, would find its data shuffled and measure
    /// nothing, and other recipes would run beside the memory of those before. What the process keeps (code that is compiled, pools) stays
    /// warm, and so is the new context: it has counted something, by a function of the program, so that the program's code is where it runs.
    /// </summary>
    public async Task<MicroSparkContext> RenewAsync()
    {
        await DisposeAsync(_compiled);
        _compiled = null;
        var spark = await CompiledAsync();
        await spark.Range(0, 1000).Filter(i => i % 2 == 0).CountAsync();
        return spark;
    }

    /// <summary>One for a workload to keep and to dispose of.</summary>
    public Task<MicroSparkContext> StartAsync(bool fused = true) => MicroSparkContext.StartLocalAsync(
        workers: 1,
        options =>
        {
            options.Slots = settings.Threads;
            options.Fused = fused;
        });

    public async ValueTask DisposeAsync()
    {
        await DisposeAsync(_compiled);
        await DisposeAsync(_interpreted);
        (_compiled, _interpreted) = (null, null);
    }

    private static ValueTask DisposeAsync(MicroSparkContext? context) => context?.DisposeAsync() ?? ValueTask.CompletedTask;
}
