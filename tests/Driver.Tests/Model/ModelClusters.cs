using System.Security.Cryptography;

namespace MicroSpark.Tests.Model;

/// <summary>
/// One silo and three, compiled and interpreted, and one of 64 slots; the three behave as strangers. Two of them run approved code only. A
/// folder for what operations save.
/// </summary>
public sealed class ModelClusters : IAsyncLifetime
{
    private const string OneCompiled = "one silo, compiled";
    private const string OneInterpreted = "one silo, interpreted, with approved code";
    private const string ThreeCompiled = "three strangers, compiled, with approved code";
    private const string ManySlots = "one silo of 64 slots, compiled";
    private const string ThreeInterpreted = "three strangers, interpreted";

    /// <summary>The two that have least in common.</summary>
    internal static readonly string[] Farthest = [OneCompiled, ThreeInterpreted];

    /// <summary>Where a value is taken as it is, where no code is emitted, and where everything travels.</summary>
    internal static readonly string[] Modes = [OneCompiled, OneInterpreted, ThreeCompiled];

    /// <summary>Where nothing runs but what the tests' own assemblies name.</summary>
    internal static readonly string[] Approving = [OneInterpreted, ThreeCompiled];

    /// <summary>For inputs of many partitions.</summary>
    internal static readonly string[] Widest = [ManySlots, ThreeInterpreted];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-model-");

    internal IReadOnlyDictionary<string, MicroSparkContext> All { get; private set; } = new Dictionary<string, MicroSparkContext>();

    internal Rdds Rdds(string cluster, Input input) => new(All[cluster], input, _folder.FullName);

    public async Task InitializeAsync() => All = new Dictionary<string, MicroSparkContext>
    {
        [OneCompiled] = await StartAsync(1, 6, fused: true, Isolation.Process),
        [OneInterpreted] = await StartAsync(1, 6, fused: false, Isolation.Process, approving: true),
        [ThreeCompiled] = await StartAsync(3, 2, fused: true, Isolation.Simulated, approving: true),
        [ManySlots] = await StartAsync(1, 64, fused: true, Isolation.Process),
        [ThreeInterpreted] = await StartAsync(3, 2, fused: false, Isolation.Simulated),
    };

    public async Task DisposeAsync()
    {
        foreach (var context in All.Values)
        {
            await context.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private Task<MicroSparkContext> StartAsync(int silos, int slots, bool fused, Isolation isolation, bool approving = false) =>
        MicroSparkContext.StartLocalAsync(silos, o =>
        {
            (o.Slots, o.Fused, o.Isolation, o.DefaultParallelism) = (slots, fused, isolation, 3);
            o.ApprovedAssemblies = approving ? Approved() : null;
        });

    /// <summary>The tests, and what they bring along.</summary>
    private string Approved()
    {
        var file = Path.Combine(_folder.FullName, "approved");
        File.WriteAllLines(file, Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Select(static path =>
            $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))}  {Path.GetFileName(path)}"));
        return file;
    }
}
