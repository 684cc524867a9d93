using BenchmarkDotNet.Attributes;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Bench.Micro;

/// <summary>What the history that pages are made of costs a task while nobody looks: its begin and its end.</summary>
public class TaskHistories
{
    private const int Count = 10_000;

    private readonly SpanStage[] _stages =
        [.. Enumerable.Range(0, 8).Select(i => new SpanStage(JobId.New(), new ContextId(Guid.NewGuid()), new LineageId(1, (ulong)i), i, OutputKind.Shuffle, "Map", 8))];

    private readonly ushort[] _lanes = new ushort[8];
    private TaskHistory _history = new(TaskHistory.Most);

    [GlobalSetup]
    public void Fill()
    {
        _history = new TaskHistory(1 << 16);
        for (var i = 0; i < 10; i++)
        {
            OneStage();
        }
    }

    /// <summary>The tasks of one batch, one after another.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void OneStage()
    {
        for (var i = 0; i < Count; i++)
        {
            _history.End(_history.Begin(_stages[0], i, 0, i), 1, TaskEnd.Succeeded, copy: false, 1, 1, default);
        }
    }

    /// <summary>Eight slots, each with another stage's tasks: the last stage is never the one asked for.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void EightStages()
    {
        for (var i = 0; i < Count; i += _stages.Length)
        {
            for (var slot = 0; slot < _stages.Length; slot++)
            {
                _lanes[slot] = _history.Begin(_stages[slot], i, 0, i);
            }

            for (var slot = 0; slot < _stages.Length; slot++)
            {
                _history.End(_lanes[slot], 1, TaskEnd.Succeeded, copy: false, 1, 1, default);
            }
        }
    }
}
