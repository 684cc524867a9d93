using System.Text.Json;
using MicroSpark.Client.Events;
using MicroSpark.Grains.Figures;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests;

/// <summary>The numbers of the page are those of the event log.</summary>
public sealed class FigureTests
{
    [Fact]
    public async Task The_page_and_the_event_log_say_the_same()
    {
        await using var scene = await Scene.StartAsync();
        var job = await scene.ThreeStagesAsync();
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        using var page = JsonDocument.Parse(await visitor.TextAsync($"/api/v1/jobs/{job}"));
        var history = scene.History();
        var recorded = Assert.Single(history.Jobs, one => one.Start.Job == job);
        using var log = JsonDocument.Parse(AnswersOf(HistoryHtml.Of(history)));
        var fromLog = log.RootElement.GetProperty($"/api/v1/jobs/{job}");
        var stages = page.RootElement.GetProperty("stages").EnumerateArray().ToArray();
        Assert.Equal(3, stages.Length);
        foreach (var (stage, other, known) in stages.Zip(fromLog.GetProperty("stages").EnumerateArray(), recorded.Stages))
        {
            string[] names =
            [
                "output", "stage", "operator", "kind", "partitions", "operators", "sources", "state", "tasks", "failed", "retries", "copies", "reused", "seconds",
                "taskSeconds", "records", "bytes", "inputBytes", "shuffleReadBytes", "remoteReadBytes", "shuffleWrittenBytes", "spilledBytes", "time", "taskRecords",
                "taskBytes", "name", "feeds", "line", "taskReadBytes", "failedSeconds", "readRecords", "taskReadRecords",
            ];
            foreach (var name in names)
            {
                Assert.Equal(other.GetProperty(name).GetRawText(), stage.GetProperty(name).GetRawText());
            }

            var times = Quartiles.Of(known.Succeeded.Select(run => run.Took.Ticks).ToArray()).Select(ticks => ticks / (double)TimeSpan.TicksPerMillisecond);
            Assert.Equal(times, stage.GetProperty("time").EnumerateArray().Select(value => value.GetDouble()));
            Assert.Equal(known.Succeeded.Sum(run => run.Records), stage.GetProperty("records").GetInt64());
            Assert.Equal(known.Traffic.ShuffleRead, stage.GetProperty("shuffleReadBytes").GetInt64());
            Assert.Equal(known.Failures, stage.GetProperty("failed").GetInt32());
        }

        // What a stage wrote the next one has read, by whichever worker.
        Assert.Equal([0, .. stages.Take(2).Select(stage => stage.GetProperty("records").GetInt64())], stages.Select(stage => stage.GetProperty("readRecords").GetInt64()));
        Assert.Equal(1, stages.Sum(stage => stage.GetProperty("failed").GetInt32()));
        Assert.Contains(stages.SelectMany(stage => stage.GetProperty("sources").EnumerateArray()), line => line.GetString()!.StartsWith("Scene.cs:", StringComparison.Ordinal));
        var failure = Assert.Single(page.RootElement.GetProperty("failures").EnumerateArray());
        Assert.Equal("System.FormatException: no number in partition 3", failure.GetProperty("error").GetString());
        Assert.Contains("Stumble", failure.GetProperty("stack").GetString(), StringComparison.Ordinal);

        // A client's log has no stack, but the line.
        Assert.StartsWith("Scene.cs:", failure.GetProperty("line").GetString(), StringComparison.Ordinal);
        Assert.Equal(failure.GetProperty("line").GetString(), Assert.Single(fromLog.GetProperty("failures").EnumerateArray()).GetProperty("line").GetString());
        Assert.All(stages, stage => Assert.StartsWith("Scene.cs:", stage.GetProperty("line").GetString() ?? "Scene.cs:", StringComparison.Ordinal));
        Assert.Equal(["Parallelize → MapPartitions → Map", "GroupByKey → Map"], stages.Take(2).Select(stage => stage.GetProperty("name").GetString()));
        Assert.Equal(stages[1].GetProperty("slowest").GetProperty("partition").GetInt32(), stages[1].GetProperty("slowestTasks")[0].GetProperty("partition").GetInt32());
        Assert.Equal("failed", Assert.Single(page.RootElement.GetProperty("notes").EnumerateArray()).GetProperty("result").GetString());
    }

    [Fact]
    public async Task The_stream_has_each_task_and_no_more_tiles_than_pixels()
    {
        await using var scene = await Scene.StartAsync(1);
        await scene.Spark.Parallelize(Enumerable.Range(0, 3000), 3000).CountAsync();
        var job = (await scene.Spark.JobsAsync())[0].Id;
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        using var coarse = JsonDocument.Parse(await visitor.TextAsync($"/api/v1/jobs/{job}/stream?pixels=200"));
        var tiles = coarse.RootElement.GetProperty("tiles").EnumerateArray().Select(value => value.GetDouble()).Chunk(7).ToArray();
        var rows = coarse.RootElement.GetProperty("rows").GetArrayLength();
        Assert.Equal(3000, tiles.Sum(tile => tile[6]));

        // A tile that is narrower than a pixel and its neighbour are at least a pixel apart together.
        Assert.InRange(tiles.Length, 1, rows * 2 * 201);
    }

    [Fact]
    public async Task A_job_that_found_all_of_a_stage_says_so()
    {
        await using var scene = await Scene.StartAsync(1);
        var counts = scene.Spark.Parallelize(Enumerable.Range(0, 100), 4).Map(i => (Key: i % 5, Value: 1)).ReduceByKey((a, b) => a + b);
        await counts.CountAsync();
        await counts.CollectAsync();
        var job = (await scene.Spark.JobsAsync()).First(one => one.Name == "CollectAsync").Id;
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        using var page = JsonDocument.Parse(await visitor.TextAsync($"/api/v1/jobs/{job}"));
        Assert.Equal(["reused", "done"], page.RootElement.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task What_advice_needs_to_know_comes_from_the_job_itself()
    {
        await using var scene = await Scene.StartAsync();
        var large = new long[400_000];
        var groups = scene.Spark.Parallelize(Enumerable.Range(0, 8000), 4).Map(i => (Key: i % 8 == 0 ? $"key {i}" : "Berlin", Value: i + large[i])).GroupByKey(4);
        await groups.CountAsync();
        var job = (await scene.Spark.JobsAsync())[0].Id;
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        using var page = JsonDocument.Parse(await visitor.TextAsync($"/api/v1/jobs/{job}"));
        var stages = page.RootElement.GetProperty("stages").EnumerateArray().ToArray();
        var key = stages[1].GetProperty("heaviestKey");
        Assert.Equal(("Berlin", 7000), (key.GetProperty("key").GetString(), key.GetProperty("values").GetInt64()));
        Assert.Equal(JsonValueKind.Null, stages[0].GetProperty("heaviestKey").ValueKind);
        Assert.InRange(stages[0].GetProperty("capturedBytes").GetInt64(), 3_200_000, 3_300_000);
        Assert.StartsWith("FigureTests.cs:", stages[0].GetProperty("capturedAt").GetString(), StringComparison.Ordinal);
        Assert.Equal((0, false), (stages[1].GetProperty("capturedBytes").GetInt64(), stages[0].GetProperty("debug").GetBoolean()));
        var advice = Assert.Single(page.RootElement.GetProperty("advice").EnumerateArray(), one => one.GetProperty("kind").GetString() == "large-capture");
        Assert.Equal(stages[0].GetProperty("capturedAt").GetString(), advice.GetProperty("source").GetString());

        // A client's own log knows as much.
        var recorded = Assert.Single(scene.History().Jobs, one => one.Start.Job == job);
        Assert.Equal(("Berlin", 7000), Assert.Single(RecordedFigures.Of(recorded).Keys.Values) is var known ? (known.Key, known.Values) : default);
    }

    [Fact]
    public async Task What_tasks_said_is_told_by_their_worker()
    {
        await using var scene = await Scene.StartAsync(1);
        await scene.Spark.Parallelize([1, 2], 2).Map(Say).CountAsync();
        var job = (await scene.Spark.JobsAsync())[0].Id.ToString();
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        using var workers = JsonDocument.Parse(await visitor.TextAsync("/api/v1/workers"));
        var id = Assert.Single(workers.RootElement.EnumerateArray()).GetProperty("id").GetString()!;
        using var lines = JsonDocument.Parse(await visitor.TextAsync($"/api/v1/workers/{Uri.EscapeDataString(id)}/lines"));
        Assert.Equal(["said 1", "said 2"], lines.RootElement.EnumerateArray().Select(line => line.GetProperty("text").GetString()).Order());
        Assert.All(lines.RootElement.EnumerateArray(), line => Assert.Equal((job, "warning"), (line.GetProperty("job").GetString(), line.GetProperty("level").GetString())));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, await visitor.StatusAsync("/api/v1/workers/127.0.0.1:1@2/lines"));
    }

    [Fact]
    public async Task The_document_of_the_calls_names_their_shapes()
    {
        await using var scene = await Scene.StartAsync(1);
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        using var document = JsonDocument.Parse(await visitor.TextAsync("/api/v1/openapi.json"));
        var paths = document.RootElement.GetProperty("paths");
        Assert.Contains("tasksDone", paths.GetProperty("/api/v1/jobs").GetRawText(), StringComparison.Ordinal);
        foreach (var path in paths.EnumerateObject().Where(path => path.Value.TryGetProperty("get", out var _) && path.Name is not "/api/v1/events" && !path.Name.Contains('{')))
        {
            Assert.StartsWith(path.Value.GetRawText().Contains("\"array\"", StringComparison.Ordinal) && path.Name is not "/api/v1/cluster" ? "[" : "{", await visitor.TextAsync(path.Name), StringComparison.Ordinal);
        }
    }

    private static int Say(int element)
    {
        TaskContext.Current!.Logger.LogWarning("said {Element}", element);
        return element;
    }

    private static string AnswersOf(string html)
    {
        const string Start = "id=\"recorded\">";
        var data = html[(html.IndexOf(Start, StringComparison.Ordinal) + Start.Length)..];
        return data[..data.IndexOf("</script>", StringComparison.Ordinal)];
    }
}
