using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Hosting;

namespace MicroSpark.Tests.Cluster;

/// <summary>Which failures of a call are worth another try.</summary>
public sealed class CallErrorsTests
{
    [Fact]
    public async Task A_cluster_that_does_not_know_its_grains_yet_is_asked_again()
    {
        await using var silos = await EmbeddedSilos.StartAsync(new MicroSparkOptions(), 1);

        var error = Assert.Throws<ArgumentException>(() => silos.Grains.GetGrain<INobody>(0));

        Assert.True(CallErrors.IsTransient(error));
        Assert.False(CallErrors.IsTransient(new ArgumentException("The caller's own.") { Source = "MicroSpark" }));
        Assert.False(CallErrors.IsTransient(new ArgumentException("Never thrown.")));
    }

    /// <summary>No silo has such a grain.</summary>
    public interface INobody : IGrainWithIntegerKey;
}
