using MicroSpark.Display;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Events;

/// <summary>
/// What one silo's tasks say: to the silo's own log at once, and on its way to the grain of their job, where the job's client finds it.
/// Lines gather while a message is under way. The report of a task waits until its lines have arrived. So whoever knows that a task has
/// ended finds all that it said. A task that says nothing costs a look at one field.
/// </summary>
internal sealed partial class TaskLogs : ITaskLog
{
    /// <summary>The category of tasks' lines in all logs.</summary>
    public const string Category = "MicroSpark.Tasks";

    /// <summary>Lines of one job that wait: about what a log on a screen can take before the next message goes.</summary>
    private const int MostWaiting = 1_000;

    private const int MostCharacters = Pages.Largest / 8;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Lines that are kept for the page, of all jobs, and their characters together.</summary>
    private const int MostKept = 200;

    private const int MostKeptCharacters = 100_000;

    private readonly Dictionary<JobId, Outbox> _boxes = [];
    private readonly Queue<WorkerLine> _kept = new();
    private readonly Lock _lock = new();
    private readonly WorkerId _worker;
    private readonly TaskLogOptions _options;
    private readonly Func<JobId, SaidBatch, Task<bool>> _send;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile bool _any;
    private int _keptCharacters;

    /// <param name="takesConsole">Whether the console of tasks is this silo's to tell.</param>
    /// <param name="send">Brings lines to their job; says whether more of them are wanted.</param>
    public TaskLogs(
        WorkerId worker, TaskLogOptions options, bool takesConsole, ILoggerFactory logs, Func<JobId, SaidBatch, Task<bool>> send,
        TimeProvider time)
    {
        (_worker, _options, TakesConsole, _send, _time) = (worker, options, takesConsole, send, time);
        _log = logs.CreateLogger(Category);
    }

    public bool TakesConsole { get; }

    /// <summary>Takes each line in place of the silo's log: a program that draws on the screen knows when it may write there.</summary>
    public Action<JobId, SaidLine>? Instead { get; set; }

    public bool IsEnabled(LogLevel level) => level >= _options.MinLevel;

    public void Say(TaskLabel task, LogLevel level, string? category, string text)
    {
        var line = new SaidLine(
            _time.GetUtcNow(), _worker, task.Stage, task.Partition, task.Attempt, (byte)level,
            category is null ? null : VisibleText.Of(category, _options.MaxLineLength), VisibleText.Of(text, _options.MaxLineLength));
        Tell(task.Job, line);
        Outbox box;
        lock (_lock)
        {
            Keep(new WorkerLine(task.Job, line));
            if (_boxes.TryGetValue(task.Job, out var open))
            {
                open.Add(line);
                return;
            }

            _boxes.Add(task.Job, box = new Outbox());
            box.Add(line);
            _any = true;
        }

        // Unsafe is right here: the task's flow of execution ends with it, and is not to go along.
        ThreadPool.UnsafeQueueUserWorkItem(_ => SendAsync(task.Job, box).Forget(), null);
    }

    /// <summary>The newest lines that were said here, the oldest first.</summary>
    public WorkerLine[] Newest()
    {
        lock (_lock)
        {
            return [.. _kept];
        }
    }

    /// <summary>The way of what a job's tasks have said here so far; null when nothing of it is on its way. It never fails.</summary>
    public Task? DeliveryOf(JobId job)
    {
        if (!_any)
        {
            return null;
        }

        lock (_lock)
        {
            return _boxes.TryGetValue(job, out var box) ? box.DeliveryAsync() : null;
        }
    }

    /// <summary>A line in a log, here or at the job's client.</summary>
    public static void Write(ILogger log, JobId job, SaidLine line) => LogSaid(
        log, line.Level, job, line.Stage, line.Partition, line.Category is null ? line.Text : $"{line.Category}: {line.Text}");

    /// <summary>Under the lock.</summary>
    private void Keep(WorkerLine line)
    {
        _kept.Enqueue(line);
        _keptCharacters += line.Line.Characters;
        while (_kept.Count > MostKept || (_keptCharacters > MostKeptCharacters && _kept.Count > 1))
        {
            _keptCharacters -= _kept.Dequeue().Line.Characters;
        }
    }

    private void Tell(JobId job, SaidLine line)
    {
        var outer = TaskConsole.Says;
        TaskConsole.Says = true;
        try
        {
            if (Instead is { } instead)
            {
                instead(job, line);
            }
            else
            {
                Write(_log, job, line);
            }
        }
        catch (Exception e)
        {
            // A log that fails loses its line, which is on its way to the job still. The task has done nothing wrong.
            _ = e;
        }
        finally
        {
            TaskConsole.Says = outer;
        }
    }

    private async Task SendAsync(JobId job, Outbox box)
    {
        try
        {
            for (var wanted = true; ;)
            {
                SaidBatch batch;
                long until;
                Task hurry;
                lock (_lock)
                {
                    if (box.IsEmpty)
                    {
                        // Under the lock in which it was seen to be empty: nobody adds to a box that is about to go.
                        Close(job, box);
                        return;
                    }

                    (batch, until, hurry) = box.Take(_worker, wanted);
                }

                try
                {
                    wanted = await _send(job, batch).ConfigureAwait(false);
                }
                catch (Exception e) when (CallErrors.IsTransient(e, CancellationToken.None))
                {
                    // The job is between two silos. What was on its way is in this silo's log.
                    LogLost(_log, batch.Lines.Length, job, e.Message);
                }

                lock (_lock)
                {
                    box.Arrived(until);
                }

                await Task.WhenAny(hurry, Task.Delay(s_pause, _time)).ConfigureAwait(false);
            }
        }
        finally
        {
            lock (_lock)
            {
                Close(job, box);
            }
        }
    }

    private void Close(JobId job, Outbox box)
    {
        if (_boxes.TryGetValue(job, out var open) && ReferenceEquals(open, box))
        {
            _boxes.Remove(job);
            _any = _boxes.Count > 0;
        }

        box.Arrived(long.MaxValue);
    }

    [LoggerMessage(Message = "Job {Job}, stage {Stage}, partition {Partition}: {Text}")]
    private static partial void LogSaid(ILogger logger, LogLevel level, JobId job, int stage, int partition, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} lines did not reach job {Job}: {Reason}")]
    private static partial void LogLost(ILogger logger, int count, JobId job, string reason);

    /// <summary>One job's lines on their way; under the lock of all.</summary>
    private sealed class Outbox
    {
        private readonly List<SaidLine> _lines = [];
        private readonly List<(long Until, TaskCompletionSource Arrived)> _waits = [];
        private TaskCompletionSource _hurry = NewSignal();
        private long _said;
        private long _arrived;
        private long _dropped;
        private int _characters;

        public bool IsEmpty => _lines.Count == 0 && _dropped == 0;

        public void Add(SaidLine line)
        {
            _said++;
            if (_lines.Count < MostWaiting && _characters + line.Characters <= MostCharacters)
            {
                _lines.Add(line);
                _characters += line.Characters;
            }
            else
            {
                _dropped++;
            }
        }

        /// <param name="wanted">Whether the job has room for lines; else they are only counted.</param>
        /// <returns>What goes next, how much was said with it, and what says that somebody waits for what comes after.</returns>
        public (SaidBatch Batch, long Until, Task Hurry) Take(WorkerId worker, bool wanted)
        {
            var batch = wanted
                ? new SaidBatch(worker, [.. _lines], _dropped)
                : new SaidBatch(worker, [], _dropped + _lines.Count);
            _lines.Clear();
            (_characters, _dropped) = (0, 0);
            if (_hurry.Task.IsCompleted)
            {
                _hurry = NewSignal();
            }

            return (batch, _said, _hurry.Task);
        }

        public void Arrived(long until)
        {
            _arrived = until;
            for (var i = _waits.Count - 1; i >= 0; i--)
            {
                if (_waits[i].Until <= until)
                {
                    _waits[i].Arrived.SetResult();
                    _waits.RemoveAt(i);
                }
            }
        }

        public Task? DeliveryAsync()
        {
            if (_arrived >= _said)
            {
                return null;
            }

            _hurry.TrySetResult();
            var arrived = NewSignal();
            _waits.Add((_said, arrived));
            return arrived.Task;
        }

        private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
