using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Plans;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Programs;
using MicroSpark.Tests.Workers;
using Orleans.Runtime;

namespace MicroSpark.Tests.Jobs;

/// <summary>
/// Eight workers die by kill -9, one after the other, each in the middle of a shuffle job: in turn the host of the JobGrain, of the shuffle's
/// RddGrain, a holder of Parallelize's data, and one that has nothing but blocks. Another worker takes each one's place.
/// </summary>
public sealed class KillTests
{
    private const int Maps = 9;

    /// <summary>Gets what another program submitted, by the job's id.</summary>
    private const string Attacher = """
        await using var spark = await MicroSparkContext.ConnectAsync();
        var job = await spark.AttachAsync<(int, long)[]>(JobId.Parse(args[0]));
        var sums = await job.ResultAsync();
        Console.WriteLine($"{(await job.InfoAsync()).State} {string.Join(' ', sums.Order())}");
        """;

    private enum Role
    {
        JobGrain,
        RddGrain,
        Source,
        BlocksOnly,
    }

    [Fact]
    public async Task Eight_kills_cost_their_share_of_the_maps_and_no_result()
    {
        using var database = new SqliteDatabase();
        string[] settings = [.. database.Settings, "--MicroSpark:Slots=1"];
        var silos = (await SiloProcess.StartAsync(3, settings)).ToList();
        var marks = Directory.CreateTempSubdirectory("microspark-marks-");
        try
        {
            await using var spark = await ConnectAsync(database);
            await using var observer = await ClusterClientFactory.ConnectAsync(database.Options(), CancellationToken.None);
            for (var round = 0; round < 8; round++)
            {
                var folder = marks.CreateSubdirectory($"{round}").FullName;
                var victim = await RunRoundAsync(spark, observer, silos, (Role)(round % 4), round, folder);
                await victim.DisposeAsync();
                silos.Remove(victim);
                silos.Add(await SiloProcess.StartAsync(settings));
            }
        }
        finally
        {
            marks.Delete(recursive: true);
            await ClusterAsserts.StopAllAsync([.. silos]);
        }
    }

    [Fact]
    public Task A_submitted_job_goes_on_without_its_client_and_its_host_and_another_process_gets_the_result() => SubmitAndKillAsync(again: false);

    [SoakFact]
    public Task A_submitted_jobs_result_is_there_after_its_second_host_is_killed_too() => SubmitAndKillAsync(again: true);

    /// <param name="again">Whether to kill the job's host also after its end.</param>
    private static async Task SubmitAndKillAsync(bool again)
    {
        using var database = new SqliteDatabase();
        using var folder = new ProgramFolder();
        var program = folder.Program("Attacher", Attacher);
        folder.MakeRunnable(program);
        var silos = (await SiloProcess.StartAsync(3, [.. database.Settings, "--MicroSpark:Slots=1"])).ToList();
        var killed = new List<SiloProcess>();
        try
        {
            await using var observer = await ClusterClientFactory.ConnectAsync(database.Options(), CancellationToken.None);
            await using var gate = new Gate();
            JobId job;
            await using (var client = await ConnectAsync(database))
            {
                var port = gate.Port;
                var sums = client.Parallelize(Enumerable.Range(0, 900), 6).Map(n => (n % 7, (long)n)).ReduceByKey((a, b) => a + b, 4).MapPartitions(p =>
                {
                    Gate.Pass(port);
                    return p;
                });
                job = (await client.SubmitAsync(() => sums.CollectAsync())).Id;
                await gate.ArrivedAsync();
            }

            var grain = observer.Grains.GetGrain<IJobGrain>(job.Value);
            await KillHostAsync();
            gate.Open();

            // Asks the workers for their records, and so wakes no grain.
            await using var spark = await ConnectAsync(database);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            JobInfo seen;
            do
            {
                seen = (await spark.JobsAsync(patience.Token)).Single(j => j.Id == job);
            }
            while (seen.State == JobState.Running);
            Assert.Equal(JobState.Succeeded, seen.State);

            var expected = string.Join(' ', Enumerable.Range(0, 900).GroupBy(n => n % 7).Select(g => (g.Key, g.Sum(n => (long)n))));
            await using (var process = ChildProcess.Start("dotnet", [program, job.ToString()], database.Environment))
            {
                Assert.True(await process.WaitForExitAsync() == 0, process.Errors);
                Assert.Equal($"Succeeded {expected}", process.Output.Trim());
            }

            if (!again)
            {
                return;
            }

            // With its grain go some of its results, and they are computed again for whoever comes.
            await KillHostAsync();
            Assert.Equal(expected, string.Join(' ', (await (await spark.AttachAsync<(int, long)[]>(job)).ResultAsync()).Order()));

            async Task KillHostAsync()
            {
                var host = await observer.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
                var victim = silos.Single(s => s.SiloPort == host!.Endpoint.Port);
                silos.Remove(victim);
                killed.Add(victim);
                victim.Kill();
            }
        }
        finally
        {
            await ClusterAsserts.StopAllAsync([.. silos]);
            foreach (var victim in killed)
            {
                await victim.DisposeAsync();
            }
        }
    }

    private static Task<MicroSparkContext> ConnectAsync(SqliteDatabase database) => MicroSparkContext.ConnectAsync(o =>
    {
        o.Membership.Provider = "Sqlite";
        o.Membership.ConnectionString = database.ConnectionString;
        o.SecretFile = database.SecretFile;
    });

    private static async Task<SiloProcess> RunRoundAsync(
        MicroSparkContext spark, ClusterConnection observer, List<SiloProcess> silos, Role role, int round, string folder)
    {
        await using var gate = new Gate();
        var port = gate.Port;
        var source = spark.Parallelize(Enumerable.Range(0, 9000).Select(n => (Round: round, Number: n)), Maps);
        var reduced = source.MapPartitions(items =>
        {
            // Written before the map's output is there, by the process that has it then.
            File.WriteAllText(Path.Combine(folder, $"{Environment.ProcessId}-{Guid.NewGuid():N}"), "");
            return items;
        }).Map(p => (p.Number % 7, (long)p.Number)).ReduceByKey((a, b) => a + b, 6);
        var sums = reduced.MapPartitions(p =>
        {
            Gate.Pass(port);
            return p;
        }).CollectAsync();

        // The first reducer is at work: all maps have ended, none of the results is in.
        await await Task.WhenAny(gate.ArrivedAsync(), sums);
        Assert.Equal(Maps, Directory.GetFiles(folder).Length);
        var victim = await FindAsync(spark, observer, silos, role, source, reduced);
        var lost = Directory.GetFiles(folder, $"{victim.ProcessId}-*").Length;
        victim.Kill();
        gate.Open();

        Assert.Equal(Enumerable.Range(0, 9000).GroupBy(n => n % 7).Select(g => (g.Key, g.Sum(n => (long)n))), (await sums).Order());
        Assert.Equal(Maps + lost, Directory.GetFiles(folder).Length);
        return victim;
    }

    private static async Task<SiloProcess> FindAsync<T, R>(
        MicroSparkContext spark, ClusterConnection observer, List<SiloProcess> silos, Role role, Rdd<T> source, Rdd<R> reduced)
    {
        var management = observer.Grains.GetGrain<IManagementGrain>(0);
        var running = (await spark.JobsAsync()).Single(j => j.State == JobState.Running);
        var job = await management.GetActivationAddress(observer.Grains.GetGrain<IJobGrain>(running.Id.Value));
        var rdd = await management.GetActivationAddress(observer.Grains.GetGrain<IRddGrain>(reduced.Node.Parents[0].Lineage.ToString()));
        var arguments = new PlanWriter();
        source.Node.WriteArguments(arguments);
        var holders = new List<SiloProcess>();
        foreach (var silo in silos)
        {
            var worker = (await observer.Grains.GetGrain<IClusterGrain>(0).WorkersAsync()).Single(w => w.Id.ToSilo().Endpoint.Port == silo.SiloPort);
            if (await observer.Transport.HasBlobAsync(worker.Id, arguments.Blobs.Single().Name, CancellationToken.None))
            {
                holders.Add(silo);
            }
        }

        SiloProcess At(SiloAddress? address) => silos.Single(s => s.SiloPort == address!.Endpoint.Port);
        return role switch
        {
            Role.JobGrain => At(job),
            Role.RddGrain => At(rdd),
            Role.Source => holders[0],
            _ => silos.FirstOrDefault(s => s != At(job) && s != At(rdd) && !holders.Contains(s)) ?? silos.FirstOrDefault(s => s != At(job) && s != At(rdd))
                ?? silos.First(s => s != At(job)),
        };
    }
}
