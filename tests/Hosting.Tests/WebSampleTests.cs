using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Tests;

/// <summary>samples/Web, started as its users start it.</summary>
public sealed class WebSampleTests
{
    [Fact]
    public async Task It_answers_with_a_result_and_with_a_stream_and_says_how_it_is()
    {
        var text = Path.GetTempFileName();
        await File.WriteAllTextAsync(text, "to be\nor not\nto be\n");
        await using (var program = await RunningProgram.StartAsync(
            Assembly.Load("MicroSpark.Samples.Web"), "--urls", "http://127.0.0.1:0", "--Text", text, "--Logging:LogLevel:Default", "Warning"))
        using (var client = new HttpClient { BaseAddress = program.Address })
        {
            Assert.Equal([new("be", 2), new("to", 2)], (await client.GetFromJsonAsync<WordCount[]>("/words?top=2"))!);
            Assert.Equal(["to be", "to be"], (await client.GetFromJsonAsync<string[]>("/lines?with=be"))!);
            Assert.Equal("Healthy", await client.GetStringAsync("/healthz"));
            Assert.Equal("Healthy", await client.GetStringAsync("/readyz"));

            await program.Host.Services.GetRequiredService<MicroSparkContext>().DisposeAsync();

            Assert.Equal("Healthy", await client.GetStringAsync("/healthz"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/readyz")).StatusCode);
        }

        File.Delete(text);
    }

    private sealed record WordCount(string Word, long Count);
}
