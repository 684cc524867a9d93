using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.History;

/// <summary>The newest failures on a silo and the newest notes of owners that live on it: few, since they carry text.</summary>
internal sealed class Troubles
{
    private const int MostFailures = 256;
    private const int MostNotes = 1024;
    private const int LongestStack = 4000;

    private readonly Lock _lock = new();
    private readonly Queue<TaskTrouble> _failures = new();
    private readonly Queue<(SpanStage Stage, TaskNote Note)> _notes = new();

    public void Add(SpanStage stage, TaskSpan span, TaskFailure failure)
    {
        // The innermost one is the user's: what is around it says which operator ran it.
        var inner = failure;
        while (inner.Inner is { } next)
        {
            inner = next;
        }

        var stack = inner.StackTrace ?? failure.StackTrace;
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
