namespace MicroSpark.Tests.Scenarios;

/// <summary>One silo as it is by default, and three that behave as strangers: code, values and blocks travel between them.</summary>
public sealed class Shapes : IAsyncLifetime
{
    private const string One = "one silo";
    private const string Strangers = "three strangers";

    internal static readonly string[] Names = [One, Strangers];

    private MicroSparkContext? _one;
    private MicroSparkContext? _strangers;

    internal MicroSparkContext Of(string shape) => shape == One ? _one! : _strangers!;

    public async Task InitializeAsync()
    {
        _one = await MicroSparkContext.StartLocalAsync(configure: o => o.Slots = 2);
        _strangers = await MicroSparkContext.StartLocalAsync(3, o => (o.Slots, o.Isolation) = (1, Isolation.Simulated));
    }

    public async Task DisposeAsync()
    {
        await _one!.DisposeAsync();
        await _strangers!.DisposeAsync();
    }
}

