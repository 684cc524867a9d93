using MicroSpark.Client.Output;
using MicroSpark.Driver.Events;
using MicroSpark.Options;
using MicroSpark.Tasks;

namespace MicroSpark.Client.Events;

/// <summary>
/// For <c>--verbose</c>: failed attempts, tasks that are tried again, and workers that come and go as they happen, and each job's stages
/// when it has ended.
/// </summary>
/// <param name="write">Given what writes some lines.</param>
internal sealed class VerboseLines(Action<Action<TextWriter>> write)
{
    private readonly JobHistory _history = new();

    public void Write(EngineEvent one)
    {
        _history.Add(one);
        switch (one)
        {
            case EngineEvent.WorkerJoined e:
                Line($"Worker {e.Name} at {e.Address}: {Units.Count(e.Slots, "slot")}, {ByteSize.Show(e.MemoryBudget)}");
                break;
            case EngineEvent.WorkerLost e:
                Line($"Worker {e.Worker} is lost");
                break;
            case EngineEvent.NoWorker e:
                Line($"No worker has answered for {Units.Time(e.Waited)}: the job waits for one, up to {Units.Time(e.Most)}");
                break;
            case EngineEvent.TaskEnded { Task: { End: TaskEnd.Failed or TaskEnd.InputLost } task } e:
                Line($"Stage {e.Stage} partition {task.Partition} attempt {task.Attempt + 1} on worker {e.Worker} failed after "
                    + $"{Units.Time(task.Took)}{(task.At is { } at ? $" at {at}" : "")}: {task.Error}");
                break;
            case EngineEvent.TaskNoted { Again: true, End: not (TaskEnd.Failed or TaskEnd.InputLost) } e:
                Line($"Stage {e.Stage}{(e.Partition is { } partition ? $" partition {partition}" : "")} is tried again: {e.Reason}");
                break;
            case EngineEvent.JobEnded e when _history.Take(e.Job) is { } job:
                write(output => HistoryReport.Write(output, job));
                break;
        }
    }

    private void Line(string text) => write(output => output.WriteLine(text));
}
