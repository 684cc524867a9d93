using MicroSpark.Grains.Jobs;

namespace MicroSpark.Tests.Jobs;

/// <summary>
/// A job whose client died ran on for ever, and kept all slots. So did one whose client had let it go, where another activation than the
/// one that owned it was told: it went by the life of the client.
/// </summary>
public sealed class ClientLeaseTests
{
    private readonly ClientLease _client = new();

    [Fact]
    public void A_job_that_nobody_asks_for_is_over_after_a_minute()
    {
        Assert.All(Enumerable.Range(0, 6), _ => Assert.False(_client.IsOver()));
        Assert.True(_client.IsOver());
        Assert.Equal(TimeSpan.FromMinutes(1), ClientLease.Length);
    }

    [Fact]
    public void One_that_somebody_asks_for_is_not()
    {
        for (var times = 0; times < 3; times++)
        {
            Assert.All(Enumerable.Range(0, 6), _ => Assert.False(_client.IsOver()));
            _client.Asked();
        }
    }
}
