using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.History;

/// <summary>
/// The newest failures on a silo, the newest notes of owners that live on it, and the keys with the most values: few, since they carry
/// text.
/// </summary>
internal sealed class Troubles
{
    private const int MostFailures = 256;
    private const int MostNotes = 1024;
    private const int MostKeys = 256;
    private const int LongestStack = 4000;

    private readonly Lock _lock = new();
    private readonly Queue<TaskTrouble> _failures = new();
    private readonly Queue<(SpanStage Stage, TaskNote Note)> _notes = new();
    private readonly Dictionary<SpanStage, StageKey> _keys = [];
    private readonly Queue<SpanStage> _keyed = new();

    public void Add(SpanStage stage, TaskSpan span, TaskFailure failure)
    {
        var stack = UserLine.StackOf(failure);
        var cut = stack is { Length: > LongestStack } ? stack[..LongestStack] : stack;
        lock (_lock)
        {
            if (_failures.Count == MostFailures)
            {
                _failures.Dequeue();
            }

            _failures.Enqueue(new TaskTrouble(stage, span, failure.Operator, cut));
        }
    }

    public void Add(SpanStage stage, TaskNote note)
    {
        lock (_lock)
        {
            if (_notes.Count == MostNotes)
            {
                _notes.Dequeue();
            }

            _notes.Enqueue((stage, note));
        }
    }

    /// <summary>Of each stage the one counts that has the most values.</summary>
    public void Add(StageKey key)
    {
        lock (_lock)
        {
            if (!_keys.TryGetValue(key.Stage, out var known))
            {
                if (_keyed.Count == MostKeys)
                {
                    _keys.Remove(_keyed.Dequeue());
                }

                _keyed.Enqueue(key.Stage);
            }

            if (known is null || key.Values > known.Values)
            {
                _keys[key.Stage] = key;
            }
        }
    }

    public StageKey[] KeysOf(JobId job)
    {
        lock (_lock)
        {
            return [.. _keys.Values.Where(one => one.Stage.Job == job)];
        }
    }

    public TaskTrouble[] FailuresOf(JobId job)
    {
        lock (_lock)
        {
            return [.. _failures.Where(one => one.Stage.Job == job)];
        }
    }

    public StageNotes[] NotesOf(JobId job)
    {
        lock (_lock)
        {
            return [.. _notes.Where(one => one.Stage.Job == job)
                .GroupBy(one => one.Stage, (stage, notes) => new StageNotes(stage, [.. notes.Select(one => one.Note)]))];
        }
    }
}
