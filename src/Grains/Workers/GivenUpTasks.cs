using MicroSpark.Engine;
using MicroSpark.Model;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// Names the tasks that a silo gave up: they were cancelled and did not end. Tells when they are as many as the silo has slots.
/// </summary>
internal sealed partial class GivenUpTasks : IDisposable
{
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _exhausted = new();

    public GivenUpTasks(WorkerEngine engine, ILogger<GivenUpTasks> logger)
    {
        _logger = logger;
        engine.GaveUp = (task, number) => Note(task, number, engine.Slots);
    }

    /// <summary>Cancelled when as many tasks are given up as there are slots.</summary>
    public CancellationToken Exhausted => _exhausted.Token;

    public void Dispose() => _exhausted.Dispose();

    private void Note(GivenUpTask given, int number, int slots)
    {
        LogGivenUp(
            given.Operator ?? "an operator", given.Task.Partition, given.Task.StageId, given.Task.Job, given.Task.Attempt, number, slots);
        if (number >= slots)
        {
            LogExhausted(number);

            // What leaves is more than this thread of the clock may wait for.
            _ = _exhausted.CancelAsync();
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "A cancelled task did not end within 5 s and is given up: {Operator}, "
        + "partition {Partition} of stage {Stage}, job {Job}, attempt {Attempt}. Its slot has a new thread; the old one and the task's "
        + "memory stay until it ends. Given up now: {GivenUp}, slots: {Slots}")]
    private partial void LogGivenUp(string @operator, int partition, int stage, JobId job, AttemptId attempt, int givenUp, int slots);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "This silo takes no more tasks: {GivenUp} tasks were cancelled and did "
        + "not end, as many as it has slots")]
    private partial void LogExhausted(int givenUp);
}
