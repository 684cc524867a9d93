namespace MicroSpark.Tests.Jobs;

/// <summary>What a program is told of a job that failed is the job's own error, whatever else happens at its end.</summary>
public sealed class FailedJobTests
{
    /// <summary>
    /// When one task fails, the others of its stage are cancelled at the moment at which they end by themselves. Each round is another
    /// chance for the two to meet.
    /// </summary>
    [Fact]
    public async Task Tasks_that_end_while_they_are_cancelled_hide_no_error()
    {
        const int Rounds = 300;
        await using var spark = await MicroSparkContext.StartLocalAsync(
            3, static o => (o.Slots, o.Isolation, o.Retry.MaxTaskFailures) = (4, Isolation.Simulated, 1));
        for (var round = 0; round < Rounds; round++)
        {
            var numbers = spark.Range(0, 48, partitions: 48).Map(static n => n == 20 ? throw new FormatException("20") : n);
            var error = await Assert.ThrowsAsync<JobFailedException>(() => numbers.CountAsync());
            Assert.IsType<FormatException>(error.InnerException);
        }
    }
}
