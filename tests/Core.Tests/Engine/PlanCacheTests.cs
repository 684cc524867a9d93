using MicroSpark.Code;
using MicroSpark.Engine;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Slots;
using MicroSpark.Sources;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using MicroSpark.Tests.Closures;

namespace MicroSpark.Tests.Engine;

public sealed class PlanCacheTests : IDisposable
{
    private const int Many = 3 * PlanCache.MostIdle;

    private readonly LocalRunner _runner = new(1, fused: true, simulated: false);
    private readonly BlobStore _blobs = new();
    private readonly PlanCache _cache;

    public PlanCacheTests() => _cache = new PlanCache(_blobs, CodeSpace.Process, new BlobSources(new WorkerId("here"), _runner), BackgroundWork.Pool);

    public void Dispose() => _runner.Dispose();

    [Fact]
    public async Task A_plan_stays_prepared_while_somebody_holds_it_however_many_there_are()
    {
        var held = new List<PlanLease>();
        for (var i = 0; i < Many; i++)
        {
            held.Add(await PrepareAsync(i));
        }

        Assert.Equal(Many, _cache.Count);
        using var again = await PrepareAsync(0);
        Assert.Same(held[0].Plan, again.Plan);
        held.ForEach(static lease => lease.Dispose());
        Assert.Equal(PlanCache.MostIdle + 1, _cache.Count);
    }

    [Fact]
    public async Task Of_the_plans_that_nobody_holds_the_last_to_be_given_back_stay()
    {
        var first = (await PrepareAsync(0)).Plan;
        (await PrepareAsync(0)).Dispose();
        for (var i = 1; i <= Many; i++)
        {
            (await PrepareAsync(i)).Dispose();
        }

        Assert.Equal(PlanCache.MostIdle + 1, _cache.Count);
        using var held = await PrepareAsync(0);
        Assert.Same(first, held.Plan);

        var last = await PrepareAsync(Many);
        var plan = last.Plan;
        last.Dispose();
        last.Dispose();
        Assert.Throws<ObjectDisposedException>(() => last.Plan);
        using var kept = await PrepareAsync(Many);
        Assert.Same(plan, kept.Plan);
        using var gone = await PrepareAsync(1);
        Assert.Equal(PlanCache.MostIdle + 2, _cache.Count);
    }

    [Fact]
    public async Task A_plan_that_could_not_be_had_is_tried_again()
    {
        var bytes = BytesOf(1);
        var elsewhere = new PlanRef(BlobName.Of(bytes), null, []);
        await Assert.ThrowsAsync<BlobMissingException>(() => _cache.PrepareAsync(elsewhere, [], CancellationToken.None));
        Assert.Equal(0, _cache.Count);
        _blobs.Put(elsewhere.Name, bytes);
        using var lease = await _cache.PrepareAsync(elsewhere, [], CancellationToken.None);
        Assert.Equal(1, _cache.Count);
    }

    /// <summary>What its tasks read may name no types but those of its own assemblies.</summary>
    [Fact]
    public async Task A_plan_sees_its_own_assemblies_and_no_other_programs()
    {
        Workshop shop = new();
        var others = CodeSpace.Process.IdOf(shop.Add("Others", "public sealed class Theirs { public int Value; }"))!.Value;
        var own = CodeSpace.Process.IdOf(typeof(PlanCacheTests).Assembly)!.Value;

        using var lease = await PrepareAsync(1);

        Assert.Equal((true, true), (CodeSpace.Process.Has(others), CodeSpace.Process.Has(own)));
        Assert.Equal((false, true), (lease.Plan.Code.Has(others), lease.Plan.Code.Has(own)));
        shop.Unload();
    }

    [Fact]
    public async Task A_plan_in_use_outlives_the_order_to_forget_it()
    {
        var lease = await PrepareAsync(1);
        var assemblies = EncodedPlan.ReadAssemblies(BytesOf(1)).Select(static a => a.Assembly).ToHashSet();
        Assert.NotEmpty(assemblies);
        Assert.Equal(assemblies, _cache.Forget(assemblies, null));
        Assert.Equal(0, _cache.Count);
        Assert.NotNull(lease.Plan.Nodes);
        lease.Dispose();
        Assert.Equal(0, _cache.Count);
    }

    /// <summary>The bytes are the same; whose outputs the nodes name is not.</summary>
    [Fact]
    public async Task One_plan_of_two_owners_is_two_and_one_who_forgets_its_code_leaves_the_others()
    {
        using var cluster = await PrepareAsync(1);
        using var ann = await PrepareAsync(1, "ann");
        using var bob = await PrepareAsync(1, "bob");
        Assert.Equal(3, _cache.Count);
        LineageId[] kept = [.. new[] { cluster, ann, bob }.Select(static lease => lease.Plan.Nodes[^1].Lineage)];
        Assert.Equal(3, kept.Distinct().Count());
        Assert.Equal([kept[0].KeptFor("ann"), kept[0].KeptFor("bob")], kept[1..]);
        Assert.Equal(kept, new[] { cluster, ann, bob }.Select(static lease => lease.Plan.Skeleton.Nodes[^1].Lineage));

        using var again = await PrepareAsync(1, "ann");
        Assert.Same(ann.Plan, again.Plan);

        var assemblies = EncodedPlan.ReadAssemblies(BytesOf(1)).Select(static a => a.Assembly).ToHashSet();
        Assert.Empty(_cache.Forget(assemblies, "ann"));
        Assert.Equal(2, _cache.Count);
    }

    /// <summary>A job may wait for its slots for longer than blobs are kept that nobody asks for.</summary>
    [Fact]
    public async Task Blobs_of_a_plan_that_is_held_stay_past_the_budget_and_for_a_while_after_it()
    {
        var time = new Clock();
        var blobs = new BlobStore(time) { Budget = 1000 };
        var cache = new PlanCache(blobs, CodeSpace.Process, new BlobSources(new WorkerId("here"), _runner), BackgroundWork.Pool);
        var plan = PlanEncoder.Encode(Source.Range(_runner, 0, 10, 1, 1).Map(static x => x + 1).Node);
        var data = plan.Blobs.Select(static blob => blob.Name).ToArray();
        Assert.NotEmpty(data);
        Assert.Equal(data.Select(static n => n.ToString()).Order(), EncodedPlan.ReadBlobs(plan.Bytes).Select(static n => n.ToString()).Order());
        foreach (var blob in plan.Blobs)
        {
            blobs.Put(blob.Name, blob.Content()!);
        }

        var lease = await cache.PrepareAsync(new PlanRef(BlobName.Of(plan.Bytes), plan.Bytes, []), [], CancellationToken.None);
        using (await cache.PrepareAsync(new PlanRef(BlobName.Of(plan.Bytes), plan.Bytes, []), [], CancellationToken.None))
        {
            PassAndTrim(20);
        }

        PassAndTrim(20);
        Assert.All(data, name => Assert.True(IsHere(name)));
        lease.Dispose();
        PassAndTrim(9);
        Assert.All(data, name => Assert.True(IsHere(name)));
        time.Pass(TimeSpan.FromMinutes(11));
        PassAndTrim(0);
        Assert.All(data, name => Assert.False(IsHere(name)));

        // To look is to use: at the end of each look nothing has changed but the time of the last use, which the next lease sets anyway.
        bool IsHere(BlobName name) => blobs.Has(name);

        void PassAndTrim(int minutes)
        {
            time.Pass(TimeSpan.FromMinutes(minutes));
            var more = new byte[2000];
            Random.Shared.NextBytes(more);
            blobs.Put(BlobName.Of(more), more);
        }
    }

    private Task<PlanLease> PrepareAsync(int number, string? owner = null)
    {
        var bytes = BytesOf(number);
        return _cache.PrepareAsync(
            new PlanRef(BlobName.Of(bytes), bytes, [_runner.Workers[0].Id]) { Owner = owner }, [], CancellationToken.None);
    }

    private sealed class Clock : TimeProvider
    {
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan time) => _now += time;

        public override long GetTimestamp() => _now.Ticks;
    }

    private byte[] BytesOf(int number)
    {
        var plan = PlanEncoder.Encode(Source.Range(_runner, 0, number + 1, 1, 1).Map(static x => x + 1).Node);
        foreach (var blob in plan.Blobs.Where(b => !_runner.Workers[0].Blobs.Has(b.Name)))
        {
            _runner.Workers[0].Blobs.Put(blob.Name, blob.Content()!);
        }

        return plan.Bytes;
    }
}
