using System.Text.Json;
using MicroSpark.Client.Events;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests;

/// <summary>With a folder for history, jobs outlive the whole cluster.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_page_shows_a_job_as_before_after_a_restart_of_everything()
    {
        string job, before, stream;
        await using (var scene = await StartAsync())
        {
            job = (await scene.ThreeStagesAsync()).ToString();
            using var visitor = new Visitor(scene.Origin);
            await visitor.EnterAsync(scene.Spark);
            before = await visitor.TextAsync($"/api/v1/jobs/{job}");
            stream = await visitor.TextAsync($"/api/v1/jobs/{job}/stream?pixels=100000");
        }

        await using var again = await StartAsync();
        using var later = new Visitor(again.Origin);
        await later.EnterAsync(again.Spark);
        var listed = await UntilListedAsync(later, job);
        Assert.Equal(("CountAsync", "succeeded"), (listed.GetProperty("name").GetString(), listed.GetProperty("state").GetString()));
        using var was = JsonDocument.Parse(before);
        using var now = JsonDocument.Parse(await later.TextAsync($"/api/v1/jobs/{job}"));
        foreach (var part in new[] { "job", "tasks", "stages", "failures", "notes", "advice" })
        {
            Assert.Equal(was.RootElement.GetProperty(part).GetRawText(), now.RootElement.GetProperty(part).GetRawText());
        }

        using var tiles = JsonDocument.Parse(stream);
        using var tilesNow = JsonDocument.Parse(await later.TextAsync($"/api/v1/jobs/{job}/stream?pixels=100000"));
        Assert.Equal(CountOf(tiles), CountOf(tilesNow));
    }

    [Fact]
    public async Task The_console_reads_what_the_cluster_wrote()
    {
        string job;
        await using (var scene = await StartAsync())
        {
            job = (await scene.ThreeStagesAsync()).ToString();
        }

        var one = Assert.Single(JobHistory.Read(Path.Combine(_folder.Path("jobs"), job + ".jsonl")).Jobs);
        Assert.Equal(JobState.Succeeded, one.End!.State);
        Assert.Equal(1, one.Stages.Sum(stage => stage.Failures));
        Assert.All(one.Stages, stage => Assert.Equal((stage.Plan.Partitions, 0), (stage.Completed, stage.Reused)));
        var all = JobHistory.Read(_folder.Path("jobs"));
        Assert.Contains(all.Jobs, found => found.Start.Job.ToString() == job);
        Assert.Equal((2, 0), (all.Workers.Count, all.Unreadable));
    }

    [Fact]
    public async Task Jobs_that_fail_or_are_cancelled_have_logs_too()
    {
        await using (var scene = await StartAsync())
        {
            await Assert.ThrowsAsync<JobFailedException>(() => scene.Spark.Parallelize([1, 2]).Map(Fail).CountAsync());
        }

        var one = Assert.Single(JobHistory.Read(_folder.Path("jobs")).Jobs);
        Assert.Equal(JobState.Failed, one.End!.State);
        Assert.Contains("not this one", one.End.Error, StringComparison.Ordinal);
    }

    private Task<Scene> StartAsync() => Scene.StartAsync(configure: options => options.History.Directory = _folder.Path("jobs"));

    /// <summary>What is there is listed in the background of the start.</summary>
    private static async Task<JsonElement> UntilListedAsync(Visitor visitor, string job)
    {
        while (true)
        {
            using var jobs = JsonDocument.Parse(await visitor.TextAsync("/api/v1/jobs"));
            if (jobs.RootElement.EnumerateArray().FirstOrDefault(one => one.GetProperty("id").GetString() == job) is { ValueKind: JsonValueKind.Object } found)
            {
                return found.Clone();
            }
        }
    }

    private static double CountOf(JsonDocument stream) =>
        stream.RootElement.GetProperty("tiles").EnumerateArray().Select(value => value.GetDouble()).Chunk(7).Sum(tile => tile[6]);

    private static int Fail(int element) => throw new InvalidDataException($"not this one: {element}");
}
