using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;

namespace MicroSpark.Tests.Programs;

/// <summary>A collector gets the trace of a job and the measurements of its workers, by a switch.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task A_job_of_two_stages_on_two_workers_is_one_trace_and_the_workers_measure_it()
    {
        using var database = new SqliteDatabase();
        using var folder = new ProgramFolder();
        await using var collector = await OtlpReceiver.StartAsync("microspark.tasks", "microspark.task.duration", "microspark.slots.busy");
        string[] settings = [.. database.Settings, "--MicroSpark:Slots=1", "--otlp", collector.Address.ToString()];
        var often = new Dictionary<string, string> { ["OTEL_METRIC_EXPORT_INTERVAL"] = "200" };
        var silos = await Task.WhenAll(SiloProcess.StartAsync(settings, often), SiloProcess.StartAsync(settings, often));
        try
        {
            var words = folder.File("words.txt");
            await File.WriteAllTextAsync(words, string.Join('\n', Enumerable.Range(0, 1_000).Select(n => $"word{n % 10} to be")));
            await Cli.OutputAsync(
                database.Environment, "wordcount", words, "--top", "3", "--cluster", "--quiet", "--otlp", collector.Address.ToString());

            var spans = collector.Spans.ToArray();
            Assert.Single(spans.Select(span => span.Trace).Distinct());
            var root = Assert.Single(spans, span => span.Parent.Length == 0);
            Assert.Equal(("TakeOrderedAsync", "Succeeded"), (root.Name, root.Tags["microspark.job.state"]));
            var stages = spans.Where(span => span.Parent == root.Id).ToArray();
            Assert.Equal(2, stages.Length);
            foreach (var stage in stages)
            {
                var tasks = spans.Where(span => span.Parent == stage.Id).ToArray();
                Assert.All(tasks, task => Assert.Equal("task", task.Name));
                var partitions = int.Parse(stage.Tags["microspark.stage.partitions"], System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal(
                    Enumerable.Range(0, partitions).Select(partition => $"{partition}").Order(),
                    tasks.Where(task => task.Tags["microspark.end"] == "Succeeded").Select(task => task.Tags["microspark.partition"]).Distinct().Order());
            }

            Assert.Equal(spans.Length, 1 + stages.Length + spans.Count(span => span.Name == "task"));
            await collector.Measured.WaitAsync(ChildProcess.Hang);
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    /// <summary>As Aspire and Kubernetes' operators give it to any process.</summary>
    [Fact]
    public async Task A_worker_sends_its_measurements_where_the_environment_says()
    {
        using var database = new SqliteDatabase();
        await using var collector = await OtlpReceiver.StartAsync("microspark.slots");
        var silo = await SiloProcess.StartAsync([.. database.Settings], new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address.ToString(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        });

        await collector.Measured.WaitAsync(ChildProcess.Hang);
        await ClusterAsserts.StopAllAsync([silo]);
    }

    [Fact]
    public async Task A_collector_that_is_not_there_stops_nothing()
    {
        using var folder = new ProgramFolder();
        var words = folder.File("words.txt");
        await File.WriteAllTextAsync(words, "to be or not to be");
        var output = await Cli.OutputAsync(null, "wordcount", words, "--top", "1", "--local", "1", "--quiet", "--otlp", "http://127.0.0.1:9");
        Assert.Contains("2  be", output, StringComparison.Ordinal);
    }
}
