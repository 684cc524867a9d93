namespace MicroSpark.Tests;

/// <summary>The web service of the document and of the template: a result as JSON, a stream, and whether it is ready.</summary>
internal static class PrimesService
{
    public static async Task AssertAnswersAsync(RunningProgram program)
    {
        using var client = new HttpClient { BaseAddress = program.Address };

        Assert.Equal("25", await client.GetStringAsync("/primes?below=100"));
        Assert.Equal("[0,1,4,9]", await client.GetStringAsync("/squares?below=4"));
        Assert.Equal("Healthy", await client.GetStringAsync("/readyz"));
    }
}
