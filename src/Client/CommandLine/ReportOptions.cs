using System.CommandLine;

namespace MicroSpark.Client.CommandLine;

/// <summary>What a command is to tell about its jobs while they run.</summary>
/// <param name="Quiet">Nothing but errors.</param>
/// <param name="Verbose">Also each failed attempt, workers that come and go, and the stages of each job.</param>
/// <param name="EventLog">A file for the engine's events; null for none.</param>
/// <param name="Collector">Where traces and metrics go; null for nowhere.</param>
internal sealed record ReportChoice(bool Quiet, bool Verbose, string? EventLog, Uri? Collector = null);

/// <summary>The options that every command that runs jobs has.</summary>
internal sealed class ReportOptions
{
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no summary on standard error." };
    private readonly Option<bool> _verbose = new("--verbose", "-v")
    { Description = "Also tell each failed attempt, and the stages of each job." };

    private readonly Option<string?> _eventLog = new("--event-log")
    {
        Description = "Append what the engine does to a file, one JSON object a line; `microspark history FILE` reads it.",
        HelpName = "FILE",
    };

    private readonly Option<Uri?> _otlp;

    public ReportOptions(Command command)
    {
        command.Options.Add(_quiet);
        command.Options.Add(_verbose);
        command.Options.Add(_eventLog);
        _otlp = OtlpOption.Add(command, "a trace of each job, and metrics of silos in this process,");
        command.Validators.Add(result =>
        {
            if (result.GetValue(_quiet) && result.GetValue(_verbose))
            {
                result.AddError("--quiet and --verbose exclude each other: give one of them.");
            }
        });
    }

    public ReportChoice Read(ParseResult parsed) =>
        new(parsed.GetValue(_quiet), parsed.GetValue(_verbose), parsed.GetValue(_eventLog), parsed.GetValue(_otlp));
}
