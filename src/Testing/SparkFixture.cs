namespace MicroSpark;

/// <summary>
/// A context that tests share: it starts with the first test that asks and stops when the fixture is disposed of. It knows no test
/// framework; each has a place for an object like this one that lives as long as a class or a run. Thread safe.
/// </summary>
public abstract class SparkFixture : IAsyncDisposable
{
    private readonly Lazy<Task<MicroSparkContext>> _context;

    private protected SparkFixture(Func<Task<MicroSparkContext>> start) => _context = new Lazy<Task<MicroSparkContext>>(start);

    /// <summary>The context, started once for all who ask. It is the fixture's to dispose of.</summary>
    /// <exception cref="ArgumentException">A setting is out of its bound; the message names it, its value and the bound.</exception>
    public Task<MicroSparkContext> ContextAsync() => _context.Value;

    /// <summary>Cancels what runs and stops the silos, where any have been started or are starting.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (!_context.IsValueCreated)
        {
            return;
        }

        // Why it did not start is told to those who asked for it.
        await ((Task)_context.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_context.Value.IsCompletedSuccessfully)
        {
            await (await _context.Value).DisposeAsync();
        }
    }
}

/// <summary>One silo with a slot per core: what <see cref="MicroSparkContext.StartLocalAsync(int, Action{MicroSparkOptions}?,
/// CancellationToken)"/> starts. The fast one, for what a program computes.</summary>
public sealed class LocalSparkFixture() : SparkFixture(static () => MicroSparkContext.StartLocalAsync());

/// <summary>
/// Two silos in this process that behave as strangers (<see cref="Isolation.Simulated"/>): each block, lambda and value is encoded, and
/// hash codes differ from silo to silo. What passes here does not count on sharing a process, and so runs on a cluster too.
/// </summary>
public sealed class SimulatedSparkFixture() : SparkFixture(
    static () => MicroSparkContext.StartLocalAsync(2, static options => options.Isolation = Isolation.Simulated));
