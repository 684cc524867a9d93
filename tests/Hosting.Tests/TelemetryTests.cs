using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MicroSpark.Tests;

/// <summary>What a program that listens to <c>MicroSpark</c> is told.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task A_job_of_two_stages_is_one_trace_below_the_callers_span()
    {
        using var source = new ActivitySource(nameof(TelemetryTests));
        var stopped = new ConcurrentQueue<Activity>();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var trace = default(ActivityTraceId);
        using var listener = new ActivityListener
        {
            ShouldListenTo = one => one.Name is "MicroSpark" or nameof(TelemetryTests),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                stopped.Enqueue(span);
                if (span.OperationName == "CollectAsync" && span.TraceId == trace)
                {
                    ended.SetResult();
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var spark = await MicroSparkContext.StartLocalAsync(2, options => options.Slots = 1);
        var request = source.StartActivity("request")!;
        trace = request.TraceId;

        await spark.CountAsync();
        Assert.Same(request, Activity.Current);
        request.Stop();
        await ended.Task;

        var spans = stopped.Where(span => span.TraceId == trace && span != request).ToArray();
        var job = Assert.Single(spans, span => span.ParentSpanId == request.SpanId);
        Activity[] stages = [.. spans.Where(span => span.ParentSpanId == job.SpanId).OrderBy(span => span.StartTimeUtc)];
        var tasks = stages.Select(stage => spans.Where(span => span.ParentSpanId == stage.SpanId).ToArray()).ToArray();
        Assert.Equal("CollectAsync", job.OperationName);
        Assert.Equal("Succeeded", job.GetTagItem("microspark.job.state"));
        Assert.Equal(2, stages.Length);
        Assert.Equal([0, 1, 2], tasks[0].Select(task => (int)task.GetTagItem("microspark.partition")!).Order());
        Assert.NotEmpty(tasks[1]);
        Assert.Equal(spans.Length, 1 + stages.Length + tasks.Sum(one => one.Length));
        Assert.All(stages.Zip(tasks), pair => Assert.All(pair.Second, task =>
        {
            Assert.True(task.StartTimeUtc >= pair.First.StartTimeUtc);
            Assert.True(task.StartTimeUtc + task.Duration <= pair.First.StartTimeUtc + pair.First.Duration);
        }));
    }

    [Fact]
    public async Task Who_wants_the_bytes_alone_gets_them()
    {
        var written = 0L;
        var address = "";
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument is { Meter.Name: "MicroSpark", Name: "microspark.task.io" })
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var (worker, kind) = ((string)tags[0].Value!, (string)tags[1].Value!);
            if (kind == "shuffle_written" && worker.StartsWith(Volatile.Read(ref address), StringComparison.Ordinal))
            {
                Interlocked.Add(ref written, value);
            }
        });
        listener.Start();
        await using var spark = await MicroSparkContext.StartLocalAsync();
        Volatile.Write(ref address, Assert.Single(await spark.WorkersAsync()).Address);

        await spark.CountAsync();

        Assert.True(Interlocked.Read(ref written) > 0);
    }

    [Fact]
    public async Task A_worker_measures_its_tasks_and_its_slots()
    {
        var tasks = new ConcurrentQueue<(string Instrument, double Value, string Worker, string? End)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == "MicroSpark")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        await using var spark = await MicroSparkContext.StartLocalAsync(1, options => options.Slots = 3);
        var address = Assert.Single(await spark.WorkersAsync()).Address;

        await spark.Range(0, 100, 1, 5).CountAsync();
        await Assert.ThrowsAsync<JobFailedException>(() => spark.Range(0, 1, 1, 1).Map(n => 1 / n).CountAsync());
        listener.RecordObservableInstruments();

        var own = tasks.Where(one => one.Worker.StartsWith(address, StringComparison.Ordinal)).ToArray();
        Assert.Equal(5, own.Where(one => one is { Instrument: "microspark.tasks", End: "Succeeded" }).Sum(one => one.Value));
        Assert.Equal(1, own.Where(one => one is { Instrument: "microspark.tasks", End: "Failed" }).Sum(one => one.Value));
        Assert.Equal(6, own.Count(one => one is { Instrument: "microspark.task.duration", Value: >= 0 }));
        Assert.Equal(3, own.Single(one => one.Instrument == "microspark.slots").Value);
        Assert.True(own.Single(one => one.Instrument == "microspark.memory.budget").Value > 0);

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var (worker, end) = ("", (string?)null);
            foreach (var (name, text) in tags)
            {
                worker = name == "microspark.worker" ? (string)text! : worker;
                end = name == "microspark.end" ? (string)text! : end;
            }

            tasks.Enqueue((instrument.Name, value, worker, end));
        }
    }
}
