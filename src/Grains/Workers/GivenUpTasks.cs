using MicroSpark.Engine;
using MicroSpark.Grains.Cluster;
using MicroSpark.Model;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// Names the tasks that a silo gave up: they were cancelled and did not end. Tells when they are as many as the silo has slots, and all
/// silos of the cluster how many they are, since placement goes round a silo that has some.
/// </summary>
internal sealed partial class GivenUpTasks
{
    private readonly ILogger _logger;
    private readonly WorkerEngine _engine;
    private readonly IWorkerIdentity _identity;
    private readonly IWorkerPool _pool;

    // Never disposed of: a task may be given up by a thread of the clock after its silo has stopped.
    private readonly CancellationTokenSource _exhausted = new();

    public GivenUpTasks(WorkerEngine engine, IWorkerIdentity identity, IWorkerPool pool, ILogger<GivenUpTasks> logger)
    {
        (_engine, _identity, _pool, _logger) = (engine, identity, pool, logger);
        engine.GaveUp = (task, number) => Note(task, number, engine.Slots);
        engine.CameBack = Tell;
    }

    /// <summary>Cancelled when as many tasks are given up as there are slots.</summary>
    public CancellationToken Exhausted => _exhausted.Token;

    private void Note(GivenUpTask given, int number, int slots)
    {
        LogGivenUp(
            given.Operator ?? "an operator", given.Task.Partition, given.Task.StageId, given.Task.Job, given.Task.Attempt, number, slots);
        if (number >= slots)
        {
            LogExhausted(number);

            // What leaves is more than this thread of the clock may wait for.
            _exhausted.CancelAsync().Forget();
        }

        Tell();
    }

    /// <summary>Best effort: who is not reached learns it when it meets this silo anew.</summary>
    private void Tell() => Background.Forget(() =>
    {
        var worker = _identity.Describe(_engine);
        return Task.WhenAll(_pool.Known.Select(other => _pool.Get(other).MeetAsync(worker)));
    });

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "A cancelled task did not end within 5 s and is given up: {Operator}, "
        + "partition {Partition} of stage {Stage}, job {Job}, attempt {Attempt}. Its slot has a new thread; the old one and the task's "
        + "memory stay until it ends. Given up now: {GivenUp}, slots: {Slots}")]
    private partial void LogGivenUp(string @operator, int partition, int stage, JobId job, AttemptId attempt, int givenUp, int slots);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "This silo takes no more tasks: {GivenUp} tasks were cancelled and did "
        + "not end, as many as it has slots")]
    private partial void LogExhausted(int givenUp);
}
