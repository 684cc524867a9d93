using MicroSpark.Hashing;
using MicroSpark.Stopping;

namespace MicroSpark.Tasks;

/// <summary>
/// What a thread must have of a task's own to run its operators: they find the task, its progress and its rule about hashes by the thread.
/// </summary>
internal readonly struct TaskStandIn
{
    private readonly Thread _thread;
    private readonly TaskContext? _task;
    private readonly TaskProgress? _progress;
    private readonly ulong _salt;
    private readonly bool _refuse;

    private TaskStandIn(TaskContext? task, TaskProgress? progress) =>
        (_thread, _task, _progress, _salt, _refuse) = (Thread.CurrentThread, task, progress, ProcessHash.Salt, ProcessHash.Refuse);

    /// <summary>Of the task that the calling thread runs.</summary>
    public static TaskStandIn ForThisThread() => new(TaskContext.OfThread, TaskProgress.Current);

    /// <summary>From here to the end of the section the calling thread stands in. On the task's own thread it does nothing.</summary>
    public Section Enter()
    {
        if (Thread.CurrentThread == _thread)
        {
            return default;
        }

        var before = new TaskStandIn(TaskContext.OfThread, TaskProgress.Exchange(_progress));
        Take(_task, _salt, _refuse);
        return new Section(before);
    }

    private static void Take(TaskContext? task, ulong salt, bool refuse) =>
        (TaskContext.OfThread, ProcessHash.Salt, ProcessHash.Refuse) = (task, salt, refuse);

    /// <summary>A stretch of a thread's way on which it stands in. Its end gives the thread back what it had.</summary>
    internal readonly ref struct Section(TaskStandIn before) : IDisposable
    {
        public void Dispose()
        {
            if (before._thread is not null)
            {
                Take(before._task, before._salt, before._refuse);
                TaskProgress.Exchange(before._progress);
            }
        }
    }
}
