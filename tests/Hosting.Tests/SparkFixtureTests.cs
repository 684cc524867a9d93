namespace MicroSpark.Tests;

/// <summary>The contexts that tests of programs share.</summary>
public sealed class SparkFixtureTests
{
    [Fact]
    public async Task A_simulated_one_has_two_silos_for_all_who_ask_and_ends_with_the_fixture()
    {
        var fixture = new SimulatedSparkFixture();
        var contexts = await Task.WhenAll(fixture.ContextAsync(), fixture.ContextAsync());

        Assert.Same(contexts[0], contexts[1]);
        Assert.Equal(2, (await contexts[0].WorkersAsync()).Count);
        Assert.Equal("be=2 not=1 or=1 to=2", await contexts[0].CountAsync());
        await fixture.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => contexts[0].CountAsync());
    }

    [Fact]
    public async Task One_that_is_starting_ends_too()
    {
        var fixture = new LocalSparkFixture();
        var starting = fixture.ContextAsync();
        await fixture.DisposeAsync();

        var context = await starting;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => context.CountAsync());
    }

    [Fact]
    public async Task One_that_nobody_asked_starts_nothing() => await new LocalSparkFixture().DisposeAsync();
}
