namespace MicroSpark.Tests.Scenarios;

internal static class Expect
{
    /// <summary>The job's elements are these, in this order.</summary>
    public static async Task ElementsAsync<T>(IReadOnlyCollection<T> expected, Task<T[]> job) => Assert.Equal(expected, await job);
}
