using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Jobs;

public sealed class RecordKeeperTests
{
    private static readonly string[] s_names = ["a", "b", "c", "d"];
    private readonly ManualTime _time = new();

    public static IEnumerable<object[]> Pairs =>
        from one in s_names from other in s_names where string.CompareOrdinal(one, other) < 0 select new object[] { one, other };

    /// <summary>Right after a loss some of those that are asked may be the lost one, or not answer yet.</summary>
    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Two_workers_keep_a_record_as_long_as_two_take_it(string one, string other)
    {
        var workers = new FakeWorkers(_time, s_names);
        (workers[one].Refuses, workers[other].Refuses) = (true, true);
        var record = Record(Epochs.After(0));
        await new RecordKeeper(workers, _time, () => record, Fail).SaveAsync();
        Assert.Equal(s_names.Except([one, other]), s_names.Where(name => workers[name].Records.Load(record.Job) is not null));
    }

    [Fact]
    public async Task Who_finds_no_worker_that_takes_a_record_is_told()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        (workers["a"].Refuses, workers["b"].Refuses) = (true, true);
        await Assert.ThrowsAsync<ClusterUnavailableException>(() => new RecordKeeper(workers, _time, () => Record(Epochs.After(0)), Fail).SaveAsync());
    }

    /// <summary>While silos go, two activations of a grain may take over from one record.</summary>
    [Fact]
    public async Task Of_two_owners_with_one_predecessor_one_is_turned_away()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        var first = Record(Epochs.After(0));
        var epochs = new[] { Epochs.After(first.Epoch), Epochs.After(first.Epoch) }.Order().ToArray();
        Assert.True(first.Epoch < epochs[0]);
        Assert.True(epochs[0] < epochs[1]);
        Assert.All(epochs, static epoch => Assert.Equal(2, Epochs.RoundOf(epoch)));
        Assert.True(epochs[1] < Epochs.After(epochs[0]));
        var turnedAway = 0;
        var low = new RecordKeeper(workers, _time, () => first with { Epoch = epochs[0] }, () => turnedAway++);
        await low.SaveAsync();
        await new RecordKeeper(workers, _time, () => first with { Epoch = epochs[1] }, Fail).SaveAsync();
        Assert.Equal(0, turnedAway);
        await low.SaveAsync();
        Assert.Equal(1, turnedAway);
        Assert.All([workers["a"], workers["b"]], worker => Assert.Equal(epochs[1], worker.Records.Load(first.Job)!.Epoch));
    }

    private static JobRecord Record(long epoch) => new(
        new JobSubmission(new JobId(new Guid(7, 0, 0, new byte[8])), default, "test", null, new PlanRef(BlobName.Of([]), null, []), null, new TaskPolicy(1, false), Repeated: false),
        epoch, 1, JobPhase.Running, [], null, DateTimeOffset.UnixEpoch, null, 0, 1, 0, 1, [], default);

    private static void Fail() => Assert.Fail("Nobody else owns the job.");
}
