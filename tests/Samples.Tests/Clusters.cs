namespace MicroSpark.Tests;

/// <summary>Embedded clusters of one silo and of three, shared by the tests of a class.</summary>
public sealed class Clusters : IAsyncLifetime
{
    private MicroSparkContext? _one;
    private MicroSparkContext? _three;

    /// <summary>The cluster with this many silos.</summary>
    public MicroSparkContext With(int silos) => silos switch
    {
        1 => _one!,
        3 => _three!,
        _ => throw new ArgumentOutOfRangeException(nameof(silos)),
    };

    public async Task InitializeAsync()
    {
        _one = await MicroSparkContext.StartLocalAsync(workers: 1);
        _three = await MicroSparkContext.StartLocalAsync(workers: 3);
    }

    public async Task DisposeAsync()
    {
        if (_one is not null)
        {
            await _one.DisposeAsync();
        }

        if (_three is not null)
        {
            await _three.DisposeAsync();
        }
    }
}
