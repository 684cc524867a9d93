using MicroSpark.Driver.Jobs;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;
using Orleans.Runtime;

namespace MicroSpark.Tests.Workers;

/// <summary>What jobs keep is shared by those who have one secret, and by nobody else: the same program of two people is computed twice.</summary>
public sealed class KeptApartTests : IAsyncLifetime
{
    private const int Maps = 4;

    private readonly SqliteDatabase _database = new();
    private readonly NamedSecrets _secrets;
    private readonly DirectoryInfo _marks = Directory.CreateTempSubdirectory("microspark-marks-");
    private readonly List<SiloProcess> _silos = [];

    public KeptApartTests() =>
        _secrets = new NamedSecrets(_database, ("ann", "Submit", true), ("bob", "Submit", true), ("ada", "Admin", true));

    private int Computed => _marks.GetFiles().Length;

    public Task InitializeAsync() => StartAsync(1);

    public async Task DisposeAsync()
    {
        await ClusterAsserts.StopAllAsync(_silos);
        _database.Dispose();
        _marks.Delete(recursive: true);
    }

    [Fact]
    public async Task One_program_is_computed_once_for_each_who_has_a_secret()
    {
        await using var ann = await _secrets.ConnectAsync("ann");
        await using var again = await _secrets.ConnectAsync("ann");
        await using var bob = await _secrets.ConnectAsync("bob");
        await using var all = await _secrets.ConnectAsync(null);
        var expected = Enumerable.Range(0, 100).GroupBy(static n => n % 7).Select(static g => (g.Key, g.Sum())).Order().ToArray();
        var before = 0;
        foreach (var (spark, computed) in new[] { (ann, Maps), (again, 0), (bob, Maps), (all, Maps), (bob, 0), (all, 0), (ann, 0) })
        {
            Assert.Equal(expected, (await Sums(spark).CollectAsync()).Order());
            Assert.Equal(computed, Computed - before);
            before = Computed;
        }
    }

    [Fact]
    public async Task Each_has_persisted_sets_of_his_own_and_drops_no_others()
    {
        await using var ann = await _secrets.ConnectAsync("ann");
        await using var bob = await _secrets.ConnectAsync("bob");
        var (anns, bobs) = (Marked(ann).Persist(StorageLevel.MemoryAndDisk), Marked(bob).Persist(StorageLevel.MemoryAndDisk));
        Assert.Equal(anns.Lineage, bobs.Lineage);
        Assert.Equal((100, 100), (await anns.CountAsync(), await bobs.CountAsync()));
        Assert.Equal(2 * Maps, Computed);

        // Both are in the list. Each finds his own under the id that his program knows.
        var kept = await ann.PersistentRddsAsync();
        Assert.Equal(2, kept.Count);
        Assert.Single(kept, rdd => rdd.Lineage == anns.Lineage);
        Assert.Single(await bob.PersistentRddsAsync(), rdd => rdd.Lineage == bobs.Lineage);
        await using (var all = await _secrets.ConnectAsync(null))
        {
            Assert.DoesNotContain(await all.PersistentRddsAsync(), rdd => rdd.Lineage == anns.Lineage);
        }

        await bobs.UnpersistAsync();
        Assert.Equal(anns.Lineage, Assert.Single(await ann.PersistentRddsAsync()).Lineage);
        Assert.Equal(100, await anns.CountAsync());
        Assert.Equal(2 * Maps, Computed);
        Assert.Equal(100, await Marked(bob).CountAsync());
        Assert.Equal(3 * Maps, Computed);
    }

    /// <summary>A client that speaks Orleans itself says what it likes: who it is comes from its connection.</summary>
    [Fact]
    public async Task Nobody_reaches_what_another_keeps_by_naming_it()
    {
        await using var ann = await _secrets.ConnectAsync("ann");
        var sum = ann.LongAccumulator();
        var kept = Marked(ann).Map(n => Counted(sum, n)).Persist(StorageLevel.MemoryAndDisk);
        var pairs = kept.Map(static n => (n % 7, n)).ReduceByKey(static (a, b) => a + b, 3);
        Assert.Equal(7, await pairs.CountAsync());
        Assert.Equal((100, Maps), (sum.Value, Computed));
        var shuffle = pairs.Node.Parents[0].Lineage;

        await using var bob = await ClusterClientFactory.ConnectAsync(_secrets.OptionsOf("bob"));
        var cluster = bob.Grains.GetGrain<IClusterGrain>(0);
        Assert.Equal("bob", await cluster.OwnerAsync());
        var hers = ann.Runner.Context;
        foreach (var id in new[] { kept.Lineage, kept.Lineage.KeptFor("ann"), shuffle, shuffle.KeptFor("ann") })
        {
            Assert.Empty((await cluster.UpdatesAsync(id, 0)).Tasks);
            await cluster.UnpersistAsync(hers, id);
            Assert.Empty(await cluster.ReleaseOutputsAsync(hers, [id]));

            var rdd = bob.Grains.GetGrain<IRddGrain>(id.ToString());
            await Assert.ThrowsAsync<UnauthorizedAccessException>(() => rdd.UnpersistAsync(hers));
            await Assert.ThrowsAsync<UnauthorizedAccessException>(() => rdd.UnholdAsync(hers));
            await Assert.ThrowsAsync<UnauthorizedAccessException>(() => rdd.UpdatesAsync(0));
            await Assert.ThrowsAsync<UnauthorizedAccessException>(() => rdd.LocateAsync(0));
            await Assert.ThrowsAsync<UnauthorizedAccessException>(() => rdd.WaitAsync(RequesterId.New()));
            await Assert.ThrowsAsync<UnauthorizedAccessException>(() => rdd.LeaveAsync(hers));
            await Assert.ThrowsAsync<UnauthorizedAccessException>(() => rdd.EnsureAsync(new EnsureRequest(
                RequesterId.New(), JobId.New(), hers, new PlanRef(default, null, []) { Owner = "ann" }, 0, null, default)));
            var worker = (await cluster.WorkersAsync())[0].Id;
            await Assert.ThrowsAsync<UnauthorizedAccessException>(
                () => bob.Grains.GetGrain<IWorkerGrain>(worker.Value).ReleaseAsync(id, hers, []));
        }

        Assert.Equal(kept.Lineage, Assert.Single(await ann.PersistentRddsAsync()).Lineage);
        await using (var hersAgain = await ClusterClientFactory.ConnectAsync(_secrets.OptionsOf("ann")))
        {
            var updates = await hersAgain.Grains.GetGrain<IClusterGrain>(0).UpdatesAsync(kept.Lineage, 0);
            Assert.All(updates.Tasks, task => Assert.Equal(kept.Lineage, task.Lineage));
            Assert.Equal(Maps, updates.Tasks.Length);
        }

        Assert.Equal(7, await pairs.CountAsync());
        Assert.Equal((100, Maps), (sum.Value, Computed));

        // A plan of his own that has her names in it, and says that it is hers.
        await using var program = await _secrets.ConnectAsync("bob");
        var plan = PlanEncoder.Encode(new Actions.CountNode<(int, int)>(
            Marked(program).Persist(StorageLevel.MemoryAndDisk).Map(static n => (n % 7, n)).ReduceByKey(static (a, b) => a + b, 3).Node));
        var reference = await program.Runner.PutAsync(plan, CancellationToken.None);
        foreach (var bytes in new[] { plan.Bytes, Renamed(plan.Bytes, static id => id.KeptFor("ann")) })
        {
            var before = Computed;
            var job = JobId.New();
            var submission = new JobSubmission(
                job, hers, "count", null, reference with { Name = BlobName.Of(bytes), Inline = bytes, Owner = "ann" }, null,
                new TaskPolicy(1, false), Repeated: false, Counting: [kept.Lineage, kept.Lineage.KeptFor("ann")], Owner: "ann");
            var grain = bob.Grains.GetGrain<IJobGrain>(job.Value);
            await grain.SubmitAsync(submission);
            JobUpdate update;
            do
            {
                update = await grain.WaitAsync(0, int.MaxValue, TimeSpan.FromSeconds(1));
            }
            while (update.Phase == JobPhase.Running);
            Assert.Equal(JobPhase.Succeeded, update.Phase);
            Assert.Equal("bob", (await grain.StatusAsync())!.Owner);
            Assert.Equal(Maps, Computed - before);
            Assert.Empty((await grain.UpdatesAsync(0)).Tasks);
        }
    }

    [Fact]
    public async Task Code_and_broadcasts_that_one_forgets_stay_for_the_others()
    {
        await using var ann = await _secrets.ConnectAsync("ann");
        await using var bob = await _secrets.ConnectAsync("bob");
        var text = new string('x', 100_000);
        var (hers, his) = (ann.Broadcast(text), bob.Broadcast(text));
        var (anns, bobs) = (Marked(ann).Map(n => n + hers.Value.Length).Persist(StorageLevel.MemoryAndDisk), Marked(bob).Map(n => n + his.Value.Length).Persist(StorageLevel.MemoryAndDisk));
        Assert.Equal(await anns.CollectAsync(), await bobs.CollectAsync());
        Assert.Equal(2 * Maps, Computed);

        await his.DestroyAsync();
        await bob.ForgetCodeAsync([typeof(KeptApartTests).Assembly]);
        Assert.Equal(anns.Lineage, Assert.Single(await ann.PersistentRddsAsync()).Lineage);
        Assert.Equal(100, await anns.CountAsync());
        Assert.Equal(2 * Maps, Computed);
        Assert.Equal(100, await Marked(ann).Map(n => n + hers.Value.Length + 1).CountAsync());
    }

    [Fact]
    public async Task Events_of_a_named_clients_jobs_tell_of_its_own_stages()
    {
        await using var ann = await _secrets.ConnectAsync("ann");
        var ended = new TaskCompletionSource<JobProgress>(TaskCreationOptions.RunContinuationsAsynchronously);
        ann.Progress += progress => _ = progress.Ended && ended.TrySetResult(progress);
        Assert.Equal(7, await Sums(ann).CountAsync());
        var stages = (await ended.Task).Stages;
        Assert.Equal([(Maps, Maps), (3, 3)], stages.Select(static stage => (stage.TasksDone, stage.TasksTotal)));
    }

    /// <summary>The job's next owner has the record alone to know whose outputs its plan names.</summary>
    [Fact]
    public async Task A_job_that_another_worker_takes_over_goes_on_with_its_owners_outputs()
    {
        await StartAsync(2);
        await using var bob = await _secrets.ConnectAsync("bob");
        Assert.Equal(7, await Sums(bob).CountAsync());
        Assert.Equal(Maps, Computed);

        await using var gate = new Gate();
        var port = gate.Port;
        await using var ann = await _secrets.ConnectAsync("ann");
        await using var observer = await ClusterClientFactory.ConnectAsync(_database.Options());
        var sums = Sums(ann).MapPartitions(part =>
        {
            Gate.Pass(port);
            return part;
        });
        var job = await ann.SubmitAsync(() => sums.CollectAsync());
        await gate.ArrivedAsync();
        Assert.Equal(2 * Maps, Computed);
        var host = await observer.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(observer.Grains.GetGrain<IJobGrain>(job.Id.Value));
        var victim = _silos.Single(silo => silo.SiloPort == host!.Endpoint.Port);
        victim.Kill();
        gate.Open();
        Assert.Equal(7, (await job.ResultAsync()).Length);
        Assert.Equal("ann", (await observer.Grains.GetGrain<IJobGrain>(job.Id.Value).StatusAsync())!.Owner);

        // All that was lost was computed for her: nothing of hers lies under the id that the cluster's own secret would find.
        var before = Computed;
        await using var all = await _secrets.ConnectAsync(null);
        Assert.Equal(7, await Sums(all).CountAsync());
        Assert.Equal(Maps, Computed - before);
    }

    private static int Counted(LongAccumulator sum, int n)
    {
        sum.Add(1);
        return n;
    }

    /// <summary>A plan with other ids for its nodes.</summary>
    private static byte[] Renamed(byte[] plan, Func<LineageId, LineageId> rename)
    {
        var renamed = plan.ToArray();
        foreach (var node in EncodedPlan.ReadSkeleton(plan).Nodes)
        {
            var (old, other) = (new byte[32], new byte[32]);
            node.Lineage.CopyTo(old);
            rename(node.Lineage).CopyTo(other);
            other.CopyTo(renamed, renamed.AsSpan().IndexOf(old));
        }

        return renamed;
    }

    private async Task StartAsync(int more)
    {
        for (var i = 0; i < more; i++)
        {
            _silos.Add(await SiloProcess.StartAsync([.. _secrets.Settings, "--MicroSpark:Slots=2"]));
        }
    }

    /// <summary>Each task that computes a partition leaves a mark.</summary>
    private Rdd<int> Marked(MicroSparkContext spark)
    {
        var folder = _marks.FullName;
        return spark.Parallelize(Enumerable.Range(0, 100), Maps).MapPartitions(part =>
        {
            File.WriteAllText(Path.Combine(folder, $"{Guid.NewGuid():N}"), "");
            return part;
        });
    }

    private Rdd<(int Key, int Value)> Sums(MicroSparkContext spark) =>
        Marked(spark).Map(static n => (n % 7, n)).ReduceByKey(static (a, b) => a + b, 3);
}
