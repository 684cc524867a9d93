using System.Reflection;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;
using Orleans.Runtime;

namespace MicroSpark.Tests.Workers;

/// <summary>Who has a secret of his own may do what its role says, also when he speaks Orleans himself.</summary>
public sealed class RoleTests : IAsyncLifetime
{
    private readonly SqliteDatabase _database = new();
    private readonly NamedSecrets _secrets;
    private SiloProcess _silo = null!;

    public RoleTests() => _secrets = new NamedSecrets(
        _database, ("ann", "Submit", true), ("bob", "Submit", true), ("rea", "Read", false), ("ada", "Admin", false), ("wim", "Worker", false),
        ("sue", "Submit", false));

    public async Task InitializeAsync() => _silo = await SiloProcess.StartAsync(_secrets.Settings);

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task A_client_with_the_role_to_submit_has_its_own_jobs_and_nobody_elses()
    {
        await using var ann = await _secrets.ConnectAsync("ann");
        var numbers = await ann.Range(0, 200_000, 1, 4).Map(static n => n * 3).CollectAsync();
        Assert.Equal(199_999 * 3, numbers[^1]);
        var failed = await Assert.ThrowsAsync<JobFailedException>(
            () => ann.Parallelize(["sesame"], 1).Map<int>(static word => throw new InvalidOperationException($"open {word}")).CollectAsync());
        Assert.Contains("open sesame", failed.Message, StringComparison.Ordinal);
        var own = await ann.JobsAsync();
        Assert.All(own, static job => Assert.True(job.Error is null || job.Error.Contains("open sesame", StringComparison.Ordinal)));

        await using var bob = await ClusterClientFactory.ConnectAsync(_secrets.OptionsOf("bob"));
        var jobs = await bob.Grains.GetGrain<IClusterGrain>(0).JobsAsync();
        Assert.Equal(own.Count, jobs.Length);
        Assert.All(jobs, static job => Assert.Equal(("ann", default(ContextId)), (job.Owner, job.Context)));
        Assert.DoesNotContain(jobs, static job => job.Error?.Contains("sesame", StringComparison.Ordinal) == true);
        foreach (var job in jobs)
        {
            await AssertAnothersAsync(bob, job.Job);
        }

        // Who administers may, and so may the cluster's own secret.
        await using var ada = await ClusterClientFactory.ConnectAsync(_secrets.OptionsOf("ada"));
        Assert.Contains(await ada.Grains.GetGrain<IClusterGrain>(0).JobsAsync(), static job => job.Error?.Contains("sesame", StringComparison.Ordinal) == true);
        await ada.Grains.GetGrain<IJobGrain>(jobs[0].Job.Value).CancelAsync();
        await using var all = await ClusterClientFactory.ConnectAsync(_database.Options());
        await all.Grains.GetGrain<IJobGrain>(jobs[0].Job.Value).CancelAsync();

        await EndAsync();
        Assert.Contains("Audit: upload by ann (", _silo.Errors, StringComparison.Ordinal);
        Assert.Contains("Audit: submit by ann (", _silo.Errors, StringComparison.Ordinal);
        Assert.Contains("Audit: cancel by ada (", _silo.Errors, StringComparison.Ordinal);
        Assert.Contains("Audit: denied bob from ", _silo.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blobs_and_results_are_for_the_one_who_has_them()
    {
        await using var ann = await ClusterClientFactory.ConnectAsync(_secrets.OptionsOf("ann"));
        await using var bob = await ClusterClientFactory.ConnectAsync(_secrets.OptionsOf("bob"));
        await using var rea = await ClusterClientFactory.ConnectAsync(_secrets.OptionsOf("rea"));
        var worker = (await bob.Grains.GetGrain<IClusterGrain>(0).WorkersAsync())[0].Id;
        byte[] secret = [.. "what ann brought"u8];
        var name = BlobName.Of(secret);
        await ann.Transport.PutBlobAsync(worker, name, secret, default);

        Assert.Equal(secret, await ann.Transport.GetBlobAsync(worker, name, default));
        Assert.False(await bob.Transport.HasBlobAsync(worker, name, default));
        Assert.Null(await bob.Transport.GetBlobAsync(worker, name, default));
        Assert.Null(await rea.Transport.GetBlobAsync(worker, name, default));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => rea.Transport.PutBlobAsync(worker, name, secret, default));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => bob.Transport.AskBlobAsync(worker, name, worker, default, null, default));

        // Whoever brings the same has it, and has proved that he did.
        await bob.Transport.PutBlobAsync(worker, name, secret, default);
        Assert.Equal(secret, await bob.Transport.GetBlobAsync(worker, name, default));
    }

    [Fact]
    public async Task What_is_Orleans_own_or_a_workers_is_no_clients()
    {
        await using var bob = await ClusterClientFactory.ConnectAsync(_secrets.OptionsOf("bob"));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => bob.Grains.GetGrain<IManagementGrain>(0).GetHosts());
        var workers = await bob.Grains.GetGrain<IClusterGrain>(0).WorkersAsync();
        var worker = bob.Grains.GetGrain<IWorkerGrain>(Assert.Single(workers).Id.Value);
        Assert.Equal(workers[0].Id, (await worker.DescribeAsync()).Id);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => worker.RecordsAsync(null));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => bob.Grains.GetGrain<IHistoryGrain>(workers[0].Id.Value).LinesAsync());

        // A mark that a client puts on a call is taken off.
        RequestContext.Set(Principal.ContextKey, Principal.Cluster.ToStamp());
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => worker.RecordsAsync(null));
        RequestContext.Remove(Principal.ContextKey);

        await using var wim = await ClusterClientFactory.ConnectAsync(_secrets.OptionsOf("wim"));
        Assert.Single(await wim.Grains.GetGrain<IManagementGrain>(0).GetHosts());

        await Assert.ThrowsAnyAsync<Exception>(() => AskSystemTargetAsync(bob, SiloAddress.FromParsableString(workers[0].Id.Value)));
        await AskSystemTargetAsync(wim, SiloAddress.FromParsableString(workers[0].Id.Value));
        await EndAsync();
        Assert.Contains("Audit: denied bob from ", _silo.Errors, StringComparison.Ordinal);
        Assert.Contains("bob: it calls sys.svc.", _silo.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_reads_cannot_submit_nor_one_that_may_bring_no_code()
    {
        await using (var rea = await _secrets.ConnectAsync("rea"))
        {
            Assert.Empty(await rea.JobsAsync());
            Assert.Single(await rea.WorkersAsync());
            var error = await Assert.ThrowsAnyAsync<Exception>(() => rea.Range(0, 10, 1, 2).CountAsync());
            Assert.Contains("rea may not", error.ToString(), StringComparison.Ordinal);
        }

        await using var sue = await _secrets.ConnectAsync("sue");
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => sue.Range(0, 10, 1, 2).CountAsync());
        Assert.Contains("sue may", refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("Upload", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_a_workers_secret_joins()
    {
        await using (var silo = SiloProcess.Launch([.. _database.Settings, $"--MicroSpark:SecretFile={_secrets.FileOf("ann")}"]))
        {
            Assert.Equal(3, await silo.WaitForExitAsync());
            Assert.Contains("MicroSpark:Secrets", silo.Errors, StringComparison.Ordinal);
        }

        Assert.Equal([_silo.Silo], await ClusterAsserts.ActiveSilosAsync(_database.Options()));

        // A worker with a secret of its own knows that of the others, as they know his.
        await using (var second = await SiloProcess.StartAsync(
        [
            .. _database.Settings, $"--MicroSpark:SecretFile={_secrets.FileOf("wim")}", "--MicroSpark:Secrets:0:Name=others",
            "--MicroSpark:Secrets:0:Role=Worker", $"--MicroSpark:Secrets:0:File={_database.SecretFile}",
            "--MicroSpark:Secrets:1:Name=ann", "--MicroSpark:Secrets:1:Role=Submit", $"--MicroSpark:Secrets:1:File={_secrets.FileOf("ann")}",
        ]))
        {
            await using var ann = await _secrets.ConnectAsync("ann");
            Assert.Equal(2, (await ann.WorkersAsync()).Count);
            second.Terminate();
            await second.WaitForExitAsync();
        }

        await EndAsync();
        Assert.Contains("ann is no worker", _silo.Errors, StringComparison.Ordinal);
    }

    private async Task EndAsync()
    {
        _silo.Terminate();
        await _silo.WaitForExitAsync();
    }

    private static async Task AssertAnothersAsync(ClusterConnection client, JobId id)
    {
        var job = client.Grains.GetGrain<IJobGrain>(id.Value);
        var update = CommittedResultOf(id);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => job.CancelAsync());
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => job.WaitAsync(0, 0, TimeSpan.Zero));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => job.SaidAsync(0));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => job.UpdatesAsync(0));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => job.ReportLostAsync([]));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => job.KeepAsync());
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => job.ReleaseAsync());
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => client.Grains.GetGrain<IClusterGrain>(0).SaidAsync(id, []));
        var worker = (await client.Grains.GetGrain<IClusterGrain>(0).WorkersAsync())[0].Id;
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => ReadAsync(client, worker, update with { Job = id }));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => ReadAsync(client, worker, update with { Job = JobId.New() }));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => ReadAsync(client, worker, update with { Job = null }));
        Assert.NotNull(await job.StatusAsync());
    }

    private static BlockRequest CommittedResultOf(JobId job) => new(JobOutput.LineageOf(job), 0, [new BlockPart(0, default)]);

    private static async Task ReadAsync(ClusterConnection client, WorkerId worker, BlockRequest request)
    {
        using var stream = client.Transport.Open(worker, request, default);
        while (await stream.NextAsync())
        {
        }
    }

    /// <summary>As a client calls that speaks Orleans and has its interfaces, which are not public.</summary>
    private static Task AskSystemTargetAsync(ClusterConnection client, SiloAddress silo)
    {
        var core = Assembly.Load("Orleans.Core");
        var control = core.GetType("Orleans.ISiloControl", throwOnError: true)!;
        var type = (GrainType)core.GetType("Orleans.Runtime.Constants", throwOnError: true)!
            .GetField("SiloControlType", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!.GetValue(null)!;
        var id = typeof(SystemTargetGrainId).GetMethod("Create", BindingFlags.Static | BindingFlags.Public, [typeof(GrainType), typeof(SiloAddress)])!
            .Invoke(null, [type, silo])!;
        var grain = (GrainId)id.GetType().GetProperty("GrainId")!.GetValue(id)!;
        var target = typeof(IGrainFactory).GetMethods().Single(
            static m => m is { Name: "GetGrain", IsGenericMethod: true } && m.GetParameters() is [{ ParameterType.Name: "GrainId" }])
            .MakeGenericMethod(control).Invoke(client.Grains, [grain])!;
        var ping = control.GetMethod("Ping")!;
        object?[] arguments = [.. ping.GetParameters().Select(static p => p.ParameterType == typeof(string) ? "hello" : Activator.CreateInstance(p.ParameterType))];
        return (Task)ping.Invoke(target, arguments)!;
    }
}
