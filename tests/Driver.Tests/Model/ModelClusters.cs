namespace MicroSpark.Tests.Model;

/// <summary>One silo and three, compiled and interpreted; the three behave as strangers. A folder for what operations save.</summary>
public sealed class ModelClusters : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-model-");

    internal IReadOnlyDictionary<string, MicroSparkContext> All { get; private set; } = new Dictionary<string, MicroSparkContext>();

    internal Rdds Rdds(string cluster, Input input) => new(All[cluster], input, _folder.FullName);

    public async Task InitializeAsync() => All = new Dictionary<string, MicroSparkContext>
    {
        ["one silo, compiled"] = await StartAsync(1, 6, fused: true, Isolation.Process),
        ["one silo, interpreted"] = await StartAsync(1, 6, fused: false, Isolation.Process),
        ["three strangers, compiled"] = await StartAsync(3, 2, fused: true, Isolation.Simulated),
        ["three strangers, interpreted"] = await StartAsync(3, 2, fused: false, Isolation.Simulated),
    };

    public async Task DisposeAsync()
    {
        foreach (var context in All.Values)
        {
            await context.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private static Task<MicroSparkContext> StartAsync(int silos, int slots, bool fused, Isolation isolation) => MicroSparkContext.StartLocalAsync(
        silos, o => (o.Slots, o.Fused, o.Isolation, o.DefaultParallelism) = (slots, fused, isolation, 3));
}
