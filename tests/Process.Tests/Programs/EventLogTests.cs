using System.Text.Json;

namespace MicroSpark.Tests.Programs;

/// <summary>The event log of a job on two worker processes, written and read by the console.</summary>
[Collection(TwoWorkersCollection.Name)]
public sealed class EventLogTests(TwoWorkers cluster) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_two_processes_did_is_in_the_log()
    {
        var text = Path.Combine(_folder, "words.txt");
        await File.WriteAllLinesAsync(text, Enumerable.Range(0, 20_000).Select(n => $"word{n % 5000} and word{n % 77}"));
        var log = Path.Combine(_folder, "events.jsonl");
        var (code, _, error) = await Cli.RunAsync(cluster.Settings, "wordcount", text, "--top", "3", "--cluster", "--quiet", "--event-log", log);
        Assert.Equal((0, ""), (code, error));

        var events = (await File.ReadAllLinesAsync(log)).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(2, Of("worker-joined").Length);
        var tasks = Of("task-ended").Where(task => task.GetProperty("result").GetString() == "succeeded").ToArray();
        Assert.Equal(2, tasks.Select(task => task.GetProperty("worker").GetString()).Distinct().Count());
        Assert.True(tasks.Sum(task => task.GetProperty("remoteReadBytes").GetInt64()) > 0);
        Assert.Equal("succeeded", Assert.Single(Of("job-ended")).GetProperty("state").GetString());

        using var history = JsonDocument.Parse(await Cli.OutputAsync(null, "history", log, "--json"));
        var job = Assert.Single(history.RootElement.EnumerateArray());
        var stages = job.GetProperty("stages").EnumerateArray().ToArray();
        Assert.Equal(["shuffle", "result"], stages.Select(stage => stage.GetProperty("kind").GetString()!.ToLowerInvariant()));
        Assert.Equal(tasks.Length, stages.Sum(stage => stage.GetProperty("succeeded").GetInt32()));
        Assert.Equal(tasks.Sum(task => task.GetProperty("bytes").GetInt64()), stages.Sum(stage => stage.GetProperty("bytes").GetInt64()));
        Assert.All(stages, stage => Assert.Equal(5, stage.GetProperty("milliseconds").GetArrayLength()));
        Assert.Contains("TakeOrderedAsync: Succeeded after", await Cli.OutputAsync(null, "history", log));

        JsonElement[] Of(string name) => [.. events.Where(one => one.GetProperty("event").GetString() == name)];
    }
}
