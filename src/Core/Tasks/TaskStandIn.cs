using MicroSpark.Stopping;

namespace MicroSpark.Tasks;

/// <summary>
/// What a thread must have of a task's own to run its operators: they find the task and its progress by the thread.
/// </summary>
internal readonly struct TaskStandIn
{
    private readonly Thread _thread;
    private readonly TaskContext? _task;
    private readonly TaskProgress? _progress;

    private TaskStandIn(TaskContext? task, TaskProgress? progress) =>
        (_thread, _task, _progress) = (Thread.CurrentThread, task, progress);

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
        TaskContext.OfThread = _task;
        return new Section(before);
    }

    /// <summary>A stretch of a thread's way on which it stands in. Its end gives the thread back what it had.</summary>
    internal readonly ref struct Section(TaskStandIn before) : IDisposable
    {
        public void Dispose()
        {
            if (before._thread is not null)
            {
                TaskContext.OfThread = before._task;
                TaskProgress.Exchange(before._progress);
            }
        }
    }
}
