using MicroSpark.Grains.Cluster;
using MicroSpark.Model;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Tests.Cluster;

/// <summary>How long a worker lives, for those who read from it.</summary>
public sealed class WorkerAddressesTests
{
    private static readonly WorkerId s_a = new("a");
    private static readonly WorkerId s_b = new("b");

    [Fact]
    public async Task A_life_ends_with_the_verdict_and_no_other_one_does()
    {
        var workers = new FakeWorkers(TimeProvider.System, "a", "b");
        await using var services = new ServiceCollection().AddSingleton<IWorkerPool>(workers).BuildServiceProvider();
        var addresses = new WorkerAddresses(services);
        var ended = new TaskCompletionSource();
        await using var _ = addresses.LifeOf(s_a).Register(ended.SetResult);

        workers.Kill("a");
        await ended.Task;

        Assert.False(addresses.LifeOf(s_b).IsCancellationRequested);
    }

    [Fact]
    public async Task Who_asks_after_the_verdict_is_told_too()
    {
        var workers = new FakeWorkers(TimeProvider.System, "a", "b");
        await using var services = new ServiceCollection().AddSingleton<IWorkerPool>(workers).BuildServiceProvider();
        workers.Kill("a");
        var ended = new TaskCompletionSource();

        await using var _ = new WorkerAddresses(services).LifeOf(s_a).Register(ended.SetResult);

        await ended.Task;
    }

    [Fact]
    public async Task A_client_knows_no_verdicts()
    {
        await using var services = new ServiceCollection().BuildServiceProvider();

        Assert.False(new WorkerAddresses(services).LifeOf(s_a).CanBeCanceled);
    }
}
