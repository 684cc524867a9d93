namespace MicroSpark.Bench;

/// <summary>The embedded clusters that workloads share, started at first use: one silo each, as many slots as there are cores.</summary>
internal sealed class Contexts : IAsyncDisposable
{
    private MicroSparkContext? _compiled;
    private MicroSparkContext? _interpreted;

    /// <summary>As a user gets it: stages compiled into one loop.</summary>
    public async Task<MicroSparkContext> CompiledAsync() => _compiled ??= await MicroSparkContext.StartLocalAsync(workers: 1);

    /// <summary>The same with plain delegates.</summary>
    public async Task<MicroSparkContext> InterpretedAsync() =>
        _interpreted ??= await MicroSparkContext.StartLocalAsync(workers: 1, options => options.Fused = false);

    public async ValueTask DisposeAsync()
    {
        if (_compiled is not null)
        {
            await _compiled.DisposeAsync();
        }

        if (_interpreted is not null)
        {
            await _interpreted.DisposeAsync();
        }
    }
}
