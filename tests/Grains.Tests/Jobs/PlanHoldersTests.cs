using MicroSpark.Grains.Jobs;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Jobs;

public sealed class PlanHoldersTests
{
    [Fact]
    public void Holders_of_a_plan_hear_of_it_before_ten_minutes_are_over_as_long_as_its_job_goes_on()
    {
        var time = new ManualTime();
        var workers = new FakeWorkers(time, "a", "b", "c");
        var plan = new PlanRef(default, [], [new WorkerId("a"), new WorkerId("b")]);
        using (workers.Keep(plan, time))
        {
            time.Advance(TimeSpan.FromMinutes(9));
            Assert.Equal((1, 1, 0), (workers["a"].Prepared, workers["b"].Prepared, workers["c"].Prepared));
            workers.Kill("a");
            time.Advance(TimeSpan.FromMinutes(9));
            Assert.Equal((1, 2), (workers["a"].Prepared, workers["b"].Prepared));
        }

        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(2, workers["b"].Prepared);
    }

    [Fact]
    public void A_plan_that_was_given_to_nobody_is_kept_by_nobody() =>
        Assert.Null(new FakeWorkers(new ManualTime(), "a").Keep(new PlanRef(default, [], []), new ManualTime()));
}
