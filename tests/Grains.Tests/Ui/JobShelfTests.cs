using MicroSpark.Grains.Figures;
using MicroSpark.Grains.Ui;
using MicroSpark.Model;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Ui;

/// <summary>What somebody looks at is kept, and nothing when nobody does.</summary>
public sealed class JobShelfTests
{
    private readonly ManualTime _time = new();
    private readonly List<JobRecording> _asked = [];
    private readonly JobShelf _shelf;

    public JobShelfTests() => _shelf = new JobShelf(
        recording =>
        {
            _asked.Add(recording);
            return Task.FromResult(true);
        },
        _time);

    [Fact]
    public async Task A_job_that_is_looked_at_again_goes_on_where_it_was()
    {
        var job = JobId.New();
        for (var i = 0; i < 10; i++)
        {
            await LookAsync(job);
            _time.Advance(JobShelf.Idle - TimeSpan.FromTicks(1));
        }

        Assert.Equal(10, _asked.Count);
        Assert.Single(_asked.Distinct());
    }

    [Fact]
    public async Task A_job_that_nobody_looks_at_goes_after_a_while_and_comes_back_when_it_is_asked_for()
    {
        var (left, kept) = (JobId.New(), JobId.New());
        await LookAsync(left);
        await LookAsync(kept);
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(JobShelf.Idle / 2);
            await LookAsync(kept);
        }

        await LookAsync(left);
        Assert.Equal(2, _asked.Where(one => one.Job == left).Distinct().Count());
        Assert.Single(_asked.Where(one => one.Job == kept).Distinct());

        // All of them, and then again.
        _time.Advance(JobShelf.Idle);
        _time.Advance(JobShelf.Idle);
        await LookAsync(kept);
        _time.Advance(JobShelf.Idle);
        _time.Advance(JobShelf.Idle);
        await LookAsync(kept);
        Assert.Equal(3, _asked.Where(one => one.Job == kept).Distinct().Count());
    }

    private Task<string?> LookAsync(JobId job) => _shelf.LookAsync(job, static _ => "what", static _ => "made");
}
