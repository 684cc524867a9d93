using System.Diagnostics.Metrics;
using MicroSpark.Engine;
using MicroSpark.Grains.Events;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Events;

/// <summary>Who listens to one instrument hears it, whatever nobody listens to.</summary>
public sealed class WorkerMeterTests
{
    [Theory]
    [InlineData("microspark.tasks", 1)]
    [InlineData("microspark.task.duration", 1)]
    [InlineData("microspark.task.io", 5)]
    public void One_instrument_is_heard_alone(string name, int expected)
    {
        using var engine = new WorkerEngine(
            new WorkerId($"meter {name}"), new WorkerEngineOptions(1, Fused: true, SimulatedIsolation: false, 1 << 20), null!, null!, new ManualTime());
        using var meter = new WorkerMeter(engine);
        var heard = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == WorkerMeter.Name && instrument.Name == name)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Count(tags));
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Count(tags));
        listener.Start();

        meter.Ended(
            TimeSpan.FromSeconds(1),
            new TaskOutcome.Succeeded(0, new AttemptId(1), 1, 8, 0, 1, null) { Traffic = new TaskTraffic(1, 2, 3, 4, 5) });
        Assert.Equal(expected, heard);

        void Count(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            // Silos of other tests have the same instruments.
            heard += tags.Contains(new("microspark.worker", engine.Id.Value)) ? 1 : 0;
        }
    }

    [Fact]
    public void Who_listens_to_all_costs_a_task_no_memory()
    {
        using var engine = new WorkerEngine(
            new WorkerId("meter of all"), new WorkerEngineOptions(1, Fused: true, SimulatedIsolation: false, 1 << 20), null!, null!, new ManualTime());
        using var meter = new WorkerMeter(engine);
        var heard = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == WorkerMeter.Name)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref heard, value));
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref heard));
        listener.Start();
        var outcome = new TaskOutcome.Succeeded(0, new AttemptId(1), 1, 8, 0, 1, null) { Traffic = new TaskTraffic(1, 2, 3, 4, 5) };
        meter.Ended(TimeSpan.FromSeconds(1), outcome);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            meter.Ended(TimeSpan.FromSeconds(1), outcome);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(Interlocked.Read(ref heard) >= 1_000);
    }
}
