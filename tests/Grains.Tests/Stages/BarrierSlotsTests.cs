using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;

namespace MicroSpark.Tests.Stages;

/// <summary>Slots for tasks that run together: all or none.</summary>
public sealed class BarrierSlotsTests : TaskSetTests
{
    [Fact]
    public Task Slots_are_reserved_at_each_worker_and_given_back() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["a"].Slots = workers["b"].Slots = 2;
        var slots = new BarrierSlots(workers, Clock);
        var places = await slots.GatherAsync(3, static () => false);
        Assert.Equal(["a", "a", "b"], places.Select(static w => w.Value));
        Assert.Equal([(slots.Id, 2, false)], workers["a"].Reserved);
        Assert.Equal([(slots.Id, 1, false)], workers["b"].Reserved);
        slots.Release();
        Assert.Empty(workers["a"].Reserved.Concat(workers["b"].Reserved));
    });

    [Fact]
    public Task One_refusal_gives_all_back_until_ten_seconds_have_passed() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        workers["b"].RefusesSlots = true;
        var gather = new BarrierSlots(workers, Clock).GatherAsync(2, static () => false);
        await AdvanceInSteps(TimeSpan.FromSeconds(5));
        Assert.False(gather.IsCompleted);
        Assert.InRange(workers["a"].Reserved.Count, 0, 1);
        await AdvanceUntil(gather, TimeSpan.FromSeconds(6));
        Assert.Equal(["a", "b"], (await gather).Select(static w => w.Value));
        Assert.All(workers["a"].Reserved.Concat(workers["b"].Reserved), static r => Assert.True(r.Above));
        Assert.Single(workers["a"].Reserved);
    });

    [Fact]
    public Task Whoever_is_stopped_gets_none_and_too_few_slots_are_told() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a");
        Assert.Empty(await new BarrierSlots(workers, Clock).GatherAsync(1, static () => true));
        Assert.Single(await new BarrierSlots(workers, Clock).GatherAsync(2, static () => false));
        Assert.Empty(workers["a"].Reserved);
    });

    [Fact]
    public Task Workers_hear_which_jobs_wait_for_a_set() => OnOneThread(async () =>
    {
        var workers = Workers(null, "a", "b");
        var runner = new TaskSetRunner(Stage(4), workers, Clock);
        var run = runner.RunAsync(Placed(2, null), [], Ended.Add);
        await workers["b"].GotAsync(1);
        JobStake[] jobs = [new(ContextId.New(), JobId.New(), new JobShare("app", "heavy", 9, 1))];
        runner.Share(jobs);
        Assert.Equal([jobs], workers["a"].Shares);
        Assert.Equal([jobs], workers["b"].Shares);
        runner.Stop();
        await run;
    });
}
