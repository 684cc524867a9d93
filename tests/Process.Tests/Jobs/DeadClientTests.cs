using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Programs;

namespace MicroSpark.Tests.Jobs;

/// <summary>A client that dies while it awaits an action.</summary>
public sealed class DeadClientTests
{
    private const string Program = """
        await using var spark = await MicroSparkContext.ConnectAsync();
        await spark.Parallelize(Enumerable.Range(0, 4), 4).MapPartitions(static items =>
        {
            while (true)
            {
                System.Threading.Thread.SpinWait(1000);
            }

            return items;
        }).CountAsync();
        """;

    /// <summary>It kept all slots, for ever.</summary>
    [SoakFact]
    public async Task Its_action_is_cancelled_after_its_lease()
    {
        using var database = new SqliteDatabase();
        using var folder = new ProgramFolder();
        var program = folder.Program("Endless", Program);
        folder.MakeRunnable(program);
        var silos = await SiloProcess.StartAsync(2, [.. database.Settings, "--MicroSpark:Slots=1"]);
        try
        {
            await using var spark = await MicroSparkContext.ConnectAsync(o =>
            {
                o.Membership.Provider = "Sqlite";
                o.Membership.ConnectionString = database.ConnectionString;
                o.SecretFile = database.SecretFile;
            });
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            await using (var client = ChildProcess.Start("dotnet", [program], database.Environment))
            {
                await UntilAsync(JobState.Running);
                client.Kill();
            }

            await UntilAsync(JobState.Cancelled);
            Assert.Equal(10, await spark.Parallelize(Enumerable.Range(0, 10), 2).CountAsync());

            async Task UntilAsync(JobState state)
            {
                while (!(await spark.JobsAsync(patience.Token)).Any(job => job.State == state))
                {
                    patience.Token.ThrowIfCancellationRequested();
                }
            }
        }
        finally
        {
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }
        }
    }
}
