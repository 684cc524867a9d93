using MicroSpark.Grains.Cluster;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Cluster;

public sealed class WorkerCallsTests
{
    private readonly ManualTime _time = new();

    /// <summary>A grain that starts again right after a loss must not take a worker's silence for an empty answer.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(20, true)]
    [InlineData(1000, false)]
    public async Task A_worker_that_does_not_answer_at_once_is_asked_again_for_a_few_seconds(int refusals, bool answers)
    {
        var workers = new FakeWorkers(_time, "a", "b");
        var asked = 0;
        var all = workers.AskAllAsync(
            worker => ((FakeWorker)worker).Id.Value == "b" && asked++ < refusals ? throw new SiloUnavailableException() : worker.DescribeAsync(), _time);
        await _time.PassAsync(all);
        Assert.Equal(answers ? ["a", "b"] : ["a"], (await all).Select(static a => a.Answer.Id.Value));
        Assert.All(await all, static a => Assert.Equal(a.Worker, a.Answer.Id));
    }

    /// <summary>
    /// Its description was lost on the way to a silo that had just joined, and then an answer of it: it counted as a silo without workers, and
    /// what it held was not known.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_that_is_not_described_yet_is_asked_again_when_it_was_silent(bool silent)
    {
        var workers = new FakeWorkers(_time, "a", "b") { Undescribed = { "b" } };
        var asked = 0;
        var all = workers.AskAllAsync(
            worker => ((FakeWorker)worker).Id.Value != "b" || asked++ > 0 ? worker.DescribeAsync()
                : throw (silent ? new TimeoutException() : new SiloUnavailableException("It hosts no such grain.")), _time);
        await _time.PassAsync(all);
        Assert.Equal(silent ? ["a", "b"] : ["a"], (await all).Select(static a => a.Answer.Id.Value));
    }

    [Fact]
    public async Task A_worker_that_dies_is_not_waited_for()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        workers["b"].Refuses = true;
        var all = workers.AskAllAsync(static worker => worker.DescribeAsync(), _time);
        Assert.False(all.IsCompleted);
        workers.Kill("b");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("a", Assert.Single(await all).Worker.Value);
    }

    [Fact]
    public async Task What_a_worker_has_to_say_is_not_swallowed()
    {
        var workers = new FakeWorkers(_time, "a");
        await Assert.ThrowsAsync<FormatException>(() => workers.AskAllAsync<int>(static _ => throw new FormatException(), _time));
    }
}
