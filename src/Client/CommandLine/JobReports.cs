using MicroSpark.Client.Events;
using MicroSpark.Client.Output;
using MicroSpark.Silo;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Client.CommandLine;

/// <summary>What a command tells about its jobs: progress and a summary on standard error, and the event log.</summary>
internal sealed class JobReports : IDisposable
{
    private readonly ReportChoice _choice;
    private readonly Terminal _terminal;
    private readonly EventLogFile? _log;
    private readonly OtlpExport? _telemetry;
    private readonly bool _bars;
    private readonly HashSet<MicroSparkContext> _logged = [];
    private ProgressWatch? _progress;

    /// <param name="bars">Whether nobody else writes to the screen meanwhile.</param>
    /// <exception cref="UsageException">The event log cannot be written.</exception>
    public JobReports(ReportChoice choice, Terminal terminal, bool bars)
    {
        (_choice, _terminal) = (choice, terminal);
        _bars = bars && terminal.ErrorIsScreen;
        _log = choice.EventLog is { } path ? EventLogFile.Open(path, terminal.Error) : null;
        _telemetry = choice.Collector is { } collector ? new OtlpExport(collector, "microspark") : null;
    }

    /// <summary>
    /// Reports all jobs of a context until <see cref="Dispose"/>, or, but for the event log, until what is returned is disposed.
    /// </summary>
    public IDisposable Watch(MicroSparkContext spark) => Watch(spark, _progress ??= NewProgress());

    /// <summary>As <see cref="Watch(MicroSparkContext)"/>, with a progress and a summary of its own: one line of a shell.</summary>
    public IDisposable WatchLine(MicroSparkContext spark)
    {
        var progress = _progress = NewProgress();
        var watch = Watch(spark, progress);
        return new Ending(() =>
        {
            watch.Dispose();
            progress.Dispose();
            Tell(progress.Summary());
        });
    }

    /// <summary>Results follow, on what may be the same screen.</summary>
    public void Hide() => _progress?.Hide();

    /// <summary>Says what the command's jobs were in all, when they took long enough to be worth a line.</summary>
    public void Summarize() => Tell(_progress?.Summary());

    public void Dispose()
    {
        _progress?.Dispose();
        _log?.Dispose();
        _telemetry?.Dispose();
    }

    private IDisposable Watch(MicroSparkContext spark, ProgressWatch progress)
    {
        spark.Progress += progress.Report;
        Log(spark);

        // Between two drawings of the bars, which a log knows nothing of.
        spark.TakeLines((job, line) =>
        {
            if (!_choice.Quiet || line.Level >= LogLevel.Warning)
            {
                progress.Between(() => _terminal.Error.WriteLine(TaskLineText.Of(job, line)));
            }
        });

        var lines = _choice.Verbose ? new VerboseLines(line => progress.Between(() => line(_terminal.Error))) : null;
        if (lines is not null)
        {
            spark.Happened += lines.Write;
        }

        return new Ending(() =>
        {
            spark.Progress -= progress.Report;
            spark.TakeLines(null);
            if (lines is not null)
            {
                spark.Happened -= lines.Write;
            }
        });
    }

    /// <summary>To the end, also between two lines of a shell: a submitted job goes on there.</summary>
    private void Log(MicroSparkContext spark)
    {
        lock (_logged)
        {
            if (_log is not null && _logged.Add(spark))
            {
                spark.Happened += _log.Write;
            }
        }
    }

    private ProgressWatch NewProgress() => new(
        _choice.Quiet ? new NoProgress() : _bars ? new BarProgress(_terminal.Error) : new PlainProgress(_terminal.Error),
        TimeProvider.System);

    private void Tell(string? summary)
    {
        if (summary is not null && !_choice.Quiet)
        {
            _terminal.Error.WriteLine(summary);
        }
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
