using System.Net.Sockets;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;

namespace MicroSpark.Tests.Jobs;

/// <summary>A cancelled task that never ends costs its worker, in order, and no other job.</summary>
public sealed class StuckTaskTests
{
    [Fact]
    public async Task A_worker_with_nothing_but_stuck_tasks_leaves_and_exits_with_a_code_of_its_own()
    {
        using var database = new SqliteDatabase();
        await using var gate = new Gate();
        string[] settings = [.. database.Settings, "--MicroSpark:Slots=1"];
        var silos = await SiloProcess.StartAsync(2, settings);
        try
        {
            await using var spark = await ConnectAsync(database);
            using var stop = new CancellationTokenSource();
            var port = gate.Port;
            var stuck = spark.Range(0, 1, partitions: 1).Map(x => Loop(port, x)).CountAsync(stop.Token);
            await Task.WhenAny(stuck, gate.ArrivedAsync());
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck);
            Task<int>[] exits = [.. silos.Select(static s => s.WaitForExitAsync())];
            var first = await Task.WhenAny(exits);
            Assert.Equal(4, await first);
            var left = silos[Array.IndexOf(exits, first)];
            Assert.Contains("As many cancelled tasks did not end as the worker has slots", left.Errors);
            Assert.Contains("is given up: Count, partition 0 of stage 0", left.Output + left.Errors);

            // In order: the other one knows at once, and goes on.
            Assert.Equal(100, await spark.Range(0, 100, partitions: 4).CountAsync());
            Assert.Single(await spark.WorkersAsync());
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    private static Task<MicroSparkContext> ConnectAsync(SqliteDatabase database) => MicroSparkContext.ConnectAsync(o =>
    {
        o.ClusterId = database.Options().ClusterId;
        o.Membership = database.Options().Membership;
        o.SecretFile = database.SecretFile;
    });

    private static long Loop(int gate, long x)
    {
        using var arrived = new TcpClient("127.0.0.1", gate);
        while (x >= 0)
        {
        }

        return x;
    }
}
