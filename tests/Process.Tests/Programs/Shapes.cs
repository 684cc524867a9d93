namespace MicroSpark.Tests.Scenarios;

/// <summary>The scenarios of Driver.Tests on worker processes: this test assembly is the program, its code is shipped.</summary>
public sealed class Shapes : IAsyncLifetime
{
    internal static readonly string[] Names = ["two workers"];

    private readonly Programs.TwoWorkers _workers = new();
    private MicroSparkContext? _context;

    internal MicroSparkContext Of(string shape) => shape == Names[0] ? _context! : throw new ArgumentOutOfRangeException(nameof(shape));

    public async Task InitializeAsync()
    {
        await _workers.InitializeAsync();
        _context = await _workers.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _context!.DisposeAsync();
        await _workers.DisposeAsync();
    }
}
