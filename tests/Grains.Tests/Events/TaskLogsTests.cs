using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests.Events;

/// <summary>The way of tasks' lines from a silo to their job.</summary>
public sealed class TaskLogsTests
{
    private static readonly JobId s_job = JobId.New();

    private readonly ManualTime _time = new();
    private readonly ListLogger _log = new();
    private readonly List<SaidBatch> _sent = [];
    private readonly SemaphoreSlim _arrives = new(0);
    private Func<Task<bool>> _answer = static () => Task.FromResult(true);

    [Fact]
    public async Task Lines_are_logged_at_once_and_gather_while_a_message_is_under_way()
    {
        var first = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = () => first.Task;
        var logs = Logs();
        Assert.Null(logs.DeliveryOf(s_job));
        Say(logs, "one");
        await _arrives.WaitAsync();
        Say(logs, "two");
        Say(logs, "three\u0007");
        var delivery = logs.DeliveryOf(s_job);
        Assert.NotNull(delivery);
        Assert.False(delivery.IsCompleted);
        Assert.Null(logs.DeliveryOf(JobId.New()));

        _answer = static () => Task.FromResult(true);
        first.SetResult(true);
        await delivery;
        Assert.Equal([["one"], ["two", @"three\u0007"]], _sent.Select(batch => batch.Lines.Select(line => line.Text)));
        Assert.Equal(3, _log.Lines.Count);
        Assert.Equal((LogLevel.Information, $@"Job {s_job}, stage 1, partition 3: three\u0007"), _log.Lines[2]);
        Assert.Null(logs.DeliveryOf(s_job));
    }

    [Fact]
    public async Task What_a_job_has_no_room_for_is_only_counted()
    {
        var first = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = () => first.Task;
        var logs = Logs();
        Say(logs, "one");
        await _arrives.WaitAsync();
        Say(logs, "two");
        var delivery = logs.DeliveryOf(s_job)!;
        first.SetResult(false);
        await delivery;
        Assert.Equal([(1, 0L), (0, 1L)], _sent.Select(batch => (batch.Lines.Length, batch.Dropped)));
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public async Task What_is_said_faster_than_it_goes_is_dropped_and_counted()
    {
        var first = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = () => first.Task;
        var logs = Logs();
        Say(logs, "one");
        await _arrives.WaitAsync();
        for (var i = 0; i < 1_500; i++)
        {
            Say(logs, "more");
        }

        var delivery = logs.DeliveryOf(s_job)!;
        first.SetResult(true);
        await delivery;
        Assert.Equal([(1, 0L), (1_000, 500L)], _sent.Select(batch => (batch.Lines.Length, batch.Dropped)));
        Assert.Equal(1_501, _log.Lines.Count);
    }

    [Fact]
    public async Task A_job_that_cannot_be_reached_holds_nobody_up()
    {
        _answer = static () => throw new TimeoutException("gone");
        var logs = Logs();
        Say(logs, "one");
        await (logs.DeliveryOf(s_job) ?? Task.CompletedTask);
        Assert.Contains((LogLevel.Warning, $"1 lines did not reach job {s_job}: gone"), _log.Lines);
    }

    [Fact]
    public void A_silo_whose_tasks_say_nothing_pays_nothing()
    {
        var logs = Logs();
        _ = logs.DeliveryOf(s_job);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _ = logs.DeliveryOf(s_job);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>It wrote into the console that asks who writes: without end.</summary>
    [Fact]
    public void A_log_that_writes_to_the_console_of_the_task_does_not_speak_for_it()
    {
        using var program = new StringWriter { NewLine = "\n" };
        using var console = new TaskConsole(program, LogLevel.Information);
        var logs = Logs(new EchoLogger(console));
        var context = new TaskContext(3, 1, 0, 1, 4) { Job = s_job, Log = logs };
        context.Begin();
        try
        {
            console.WriteLine("said");
            context.Logger.LogInformation("logged");
        }
        finally
        {
            TaskContext.End();
        }

        Assert.Equal(2, program.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_log_that_fails_loses_its_line_and_nothing_else()
    {
        var logs = Logs(new EchoLogger(null));
        Say(logs, "one");
        await (logs.DeliveryOf(s_job) ?? Task.CompletedTask);
        Assert.Equal("one", Assert.Single(Assert.Single(_sent).Lines).Text);
    }

    private static void Say(TaskLogs logs, string text) =>
        logs.Say(new TaskLabel(s_job, 1, 3, 0), LogLevel.Information, null, text);

    private TaskLogs Logs(ILogger? log = null) => new(
        new WorkerId("w"), new TaskLogOptions(), takesConsole: true, new OneLogger(log ?? _log),
        (_, said) =>
        {
            _sent.Add(said);
            _arrives.Release();
            return _answer();
        },
        _time);

    /// <param name="console">Where it writes; null for nowhere: then it fails.</param>
    private sealed class EchoLogger(TextWriter? console) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            (console ?? throw new InvalidOperationException("no console")).WriteLine(formatter(state, exception));
    }

    private sealed class OneLogger(ILogger log) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
