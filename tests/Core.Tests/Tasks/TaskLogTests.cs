using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Tasks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Tests.Tasks;

/// <summary>What a task says by its logger, by a captured one, or to the console.</summary>
public sealed class TaskLogTests
{
    private readonly Heard _heard = new();

    [Fact]
    public void A_task_has_a_logger_and_what_is_below_the_least_level_is_not_made()
    {
        InTask(() =>
        {
            var log = TaskContext.Current!.Logger;
            log.LogInformation("{Count} rows", 3);
            log.LogError(new InvalidOperationException("outer", new FormatException("inner")), "broken");
            log.Log(LogLevel.Debug, default, 0, null, (_, _) => throw new InvalidOperationException("It is not made."));
            Assert.False(log.IsEnabled(LogLevel.Debug));
        });
        Assert.Equal(
            [(LogLevel.Information, null, "3 rows"), (LogLevel.Error, null, "broken | InvalidOperationException: outer | FormatException: inner")],
            _heard.Lines);
    }

    [Fact]
    public void Where_nobody_listens_a_logger_is_silent()
    {
        var task = new TaskContext(0, 0, 0, 1, 1);
        Assert.False(task.Logger.IsEnabled(LogLevel.Critical));
        Assert.Null(task.Console);
    }

    [Fact]
    public void A_captured_logger_is_the_tasks_logger()
    {
        ILogger plain = NullLogger.Instance;
        ILogger<TaskLogTests> typed = new Logger<TaskLogTests>(NullLoggerFactory.Instance);
        ILogger known = typed;
        var holder = new Holder(NullLogger<Holder>.Instance);

        InTask(() =>
        {
            Run(x => Say(plain, $"plain {x}"));
            Run(x => Say(typed, $"typed {x}"));
            Run(x => Say(known, $"known {x}"));
            Run(holder.Function());
        });
        Assert.Equal(
            [
                (LogLevel.Information, null, "plain 1"), (LogLevel.Information, nameof(TaskLogTests), "typed 1"),
                (LogLevel.Information, nameof(TaskLogTests), "known 1"), (LogLevel.Information, nameof(Holder), "held 1"),
            ],
            _heard.Lines);
        var outside = Copy(x => Say(plain, $"outside {x}"));
        Assert.Equal(1, outside(1));
        Assert.Equal(4, _heard.Lines.Count);
    }

    [Fact]
    public void A_lambda_that_captures_a_logger_has_a_name_by_content()
    {
        Assert.True(Make().Encoded.Span.SequenceEqual(Make().Encoded.Span));
        Assert.True(Make().HasStableIdentity);

        static Closure<Func<int, int>> Make()
        {
            ILogger log = NullLogger.Instance;
            return Closure<Func<int, int>>.Capture(x => Say(log, $"{x}"), "Map", "f");
        }
    }

    [Fact]
    public void The_console_of_a_task_is_said_line_by_line_and_that_of_others_is_written()
    {
        using var program = new StringWriter { NewLine = "\n" };
        using var output = new TaskConsole(program, LogLevel.Information);
        using var errors = new TaskConsole(program, LogLevel.Warning);
        output.WriteLine("before");
        InTask(() =>
        {
            output.WriteLine("one");
            output.Write("tw");
            output.Write('o');
            output.Write("\r\nthree\nfo".ToCharArray());
            errors.WriteLine("bad");
            output.Write("ur");
            output.Write(5);
        });
        output.Write("after");

        Assert.Equal(
            [
                (LogLevel.Information, null, "one"), (LogLevel.Information, null, "two"), (LogLevel.Information, null, "three"),
                (LogLevel.Warning, null, "bad"), (LogLevel.Information, null, "four5"),
            ],
            _heard.Lines);
        Assert.Equal("before\nafter", program.ToString());
    }

    [Fact]
    public async Task The_console_knows_its_task_behind_an_await_and_no_longer_than_that()
    {
        using var program = new StringWriter();
        using var output = new TaskConsole(program, LogLevel.Information);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = Task.CompletedTask;
        InTask(() =>
        {
            Task.Run(() => output.WriteLine("within")).GetAwaiter().GetResult();
            late = WriteLateAsync();
        });
        go.SetResult();
        await late;

        Assert.Equal([(LogLevel.Information, null, "within")], _heard.Lines);
        Assert.Equal("late", program.ToString());

        async Task WriteLateAsync()
        {
            await go.Task;
            output.Write("late");
        }
    }

    [Fact]
    public void A_console_that_is_not_the_workers_to_tell_stays_the_programs()
    {
        _heard.TakesConsole = false;
        using var program = new StringWriter();
        using var output = new TaskConsole(program, LogLevel.Information);
        InTask(() => output.Write("x"));
        Assert.Equal(("x", 0), (program.ToString(), _heard.Lines.Count));
    }

    [Fact]
    public void A_line_without_end_takes_bounded_memory()
    {
        using var output = new TaskConsole(TextWriter.Null, LogLevel.Information);
        InTask(() =>
        {
            for (var i = 0; i < 300; i++)
            {
                output.Write(new string('x', 1_000));
            }
        });
        Assert.Equal(100_000, Assert.Single(_heard.Lines).Text.Length);
    }

    [Fact]
    public void A_call_that_says_nothing_allocates_nothing()
    {
        InTask(() =>
        {
            var log = TaskContext.Current!.Logger;
            Quiet(log);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
            {
                Quiet(log);
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });

        static void Quiet(ILogger log)
        {
            if (log.IsEnabled(LogLevel.Debug))
            {
                log.LogDebug("never");
            }
        }
    }

    private static int Say(ILogger log, string text)
    {
        log.LogInformation("{Text}", text);
        return 1;
    }

    private static void Run(Func<int, int> function) => Assert.Equal(1, Copy(function)(1));

    /// <summary>As a worker has it.</summary>
    private static Func<int, int> Copy(Func<int, int> function) => Closure<Func<int, int>>.FromEncoded(
        Closure<Func<int, int>>.Capture(function, "Map", "f").Encoded, CodeSpace.Process).CreateInstance();

    private void InTask(Action action)
    {
        new TaskContext(3, 1, 0, 7, 8) { Job = JobId.New(), Log = _heard }.Begin();
        try
        {
            action();
        }
        finally
        {
            TaskContext.End();
        }
    }

    private sealed class Holder(ILogger<Holder> log)
    {
        public Func<int, int> Function() => x => Say(log, $"held {x}");
    }

    private sealed class Heard : ITaskLog
    {
        public List<(LogLevel Level, string? Category, string Text)> Lines { get; } = [];

        public bool TakesConsole { get; set; } = true;

        public bool IsEnabled(LogLevel level) => level >= LogLevel.Information;

        public void Say(TaskLabel task, LogLevel level, string? category, string text)
        {
            Assert.Equal((3, 1), (task.Partition, task.Stage));
            lock (Lines)
            {
                Lines.Add((level, category, text));
            }
        }
    }
}
