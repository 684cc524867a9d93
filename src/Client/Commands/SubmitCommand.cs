using System.Collections.Concurrent;
using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Submitting;

namespace MicroSpark.Client.Commands;

/// <summary><c>submit APP.dll ARGS</c>: runs a compiled program as the driver of its jobs, on the cluster chosen here.</summary>
internal static class SubmitCommand
{
    private const string Name = "submit";

    public static Command Create(Terminal terminal)
    {
        var command = new Command(Name, "Run a compiled program on the chosen cluster; its exit code is this one's.");
        var app = new Argument<string>("APP.dll") { Description = "The program's assembly; what it needs is beside it." };
        var arguments = new Argument<string[]>("ARGS") { Description = "The program's own arguments.", DefaultValueFactory = _ => [] };
        command.Arguments.Add(app);
        command.Arguments.Add(arguments);
        var cluster = new ClusterOptions(command);
        var report = new ReportOptions(command);
        command.SetAction((parsed, cancellationToken) =>
            SubmitAsync(parsed.GetValue(app)!, parsed.GetValue(arguments)!, cluster.Read(parsed), report.Read(parsed), terminal, cancellationToken));
        return command;
    }

    private static async Task<int> SubmitAsync(string app, string[] arguments, ClusterChoice choice, ReportChoice report, Terminal terminal, CancellationToken cancellationToken)
    {
        var program = SubmittedProgram.Load(app);
        choice.ApplySettings();
        var contexts = new ConcurrentBag<MicroSparkContext>();

        // Plain lines, on a screen too: bars and what the program itself writes would draw over each other.
        using var reports = new JobReports(report, terminal, bars: false);
        var place = !choice.Chosen ? LaunchPlace.AsTheProgramAsks : choice.LocalWorkers is null ? LaunchPlace.Cluster : LaunchPlace.Embedded;
        Launch.Current = new Launch(place, choice.LocalWorkers ?? 0, context =>
        {
            contexts.Add(context);
            reports.Watch(context);
        });

        // On a thread of its own: Main may block for as long as it likes, and Ctrl-C must still get through.
        var main = Task.Factory.StartNew(() => program.Run(arguments), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(cancelled.SetResult);
        if (await Task.WhenAny(main, cancelled.Task) == main)
        {
            var code = await main;
            reports.Hide();
            reports.Summarize();
            return code;
        }

        // A cluster's jobs outlive their client unless they are told; disposing tells them.
        await Task.WhenAll(contexts.Select(context => context.DisposeAsync().AsTask()));
        return ExitCode.Cancelled;
    }

    /// <summary>
    /// What follows the program's name is the program's, also when it looks like an option of ours: puts <c>--</c> behind the name.
    /// </summary>
    public static IReadOnlyList<string> SeparateProgramArguments(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0 || arguments[0] != Name)
        {
            return arguments;
        }

        for (var i = 1; i < arguments.Count; i++)
        {
            if (arguments[i] == "--")
            {
                return arguments;
            }

            if (arguments[i] is "--local" or "--set" or "--event-log")
            {
                i++;
            }
            else if (!arguments[i].StartsWith('-'))
            {
                return [.. arguments.Take(i + 1), "--", .. arguments.Skip(i + 1)];
            }
        }

        return arguments;
    }
}
