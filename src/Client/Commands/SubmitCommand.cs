using System.Collections.Concurrent;
using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;
using MicroSpark.Client.Submitting;
using MicroSpark.Driver;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Security;

namespace MicroSpark.Client.Commands;

/// <summary><c>submit APP ARGS</c>: runs a program as the driver of its jobs, on the cluster chosen here.</summary>
internal static class SubmitCommand
{
    private const string Name = "submit";

    public static Command Create(Terminal terminal)
    {
        var command = new Command(Name, "Run a program on the chosen cluster; its exit code is this one's.");
        var app = new Argument<string>("APP")
        { Description = "The program's assembly (what it needs is beside it), its project, or the folder of one." };
        var detach = new Option<bool>("--detach")
        { Description = "Print the id of the program's first job and leave; the program goes on in a process of its own." };
        var log = new Option<string?>("--log")
        { Description = "Where a detached program writes; APP.log in this folder when not given.", HelpName = "FILE" };
        var arguments = new Argument<string[]>("ARGS") { Description = "The program's own arguments.", DefaultValueFactory = _ => [] };
        command.Arguments.Add(app);
        command.Arguments.Add(arguments);
        command.Options.Add(detach);
        command.Options.Add(log);
        var cluster = new ClusterOptions(command);
        var report = new ReportOptions(command);
        Suggestions.RefuseOptions(app, command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(log) is not null && !result.GetValue(detach))
            {
                result.AddError("--log goes with --detach: otherwise the program writes here.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(app)!;
            var choice = cluster.Read(parsed);
            choice.ApplySettings();
            var file = await ProjectBuild.AssemblyOfAsync(path, terminal.Error, cancellationToken);
            var program = SubmittedProgram.Load(file);
            if (!parsed.GetValue(detach))
            {
                return await SubmitAsync(program, parsed.GetValue(arguments)!, choice, report.Read(parsed), terminal, cancellationToken);
            }

            var output = Path.GetFullPath(parsed.GetValue(log) ?? Path.GetFileNameWithoutExtension(file) + ".log");
            return await Detached.StartAsync(
                [Name, .. ForDetached(choice, report.Read(parsed)), file, .. parsed.GetValue(arguments)!], output,
                MicroSparkConfiguration.Load().SecretFile == SecretFile.StandardInput, terminal, cancellationToken);
        });
        return command.WithExamples(
            "microspark submit bin/Release/net10.0/App.dll input.txt --its-own-option     what follows APP is the program's",
            "microspark submit --cluster --set DefaultParallelism=64 src/App/App.csproj input.txt",
            "job=$(microspark submit --cluster --detach App.dll) && microspark job $job");
    }

    /// <summary>The same command line but for what is done already.</summary>
    private static IEnumerable<string> ForDetached(ClusterChoice choice, ReportChoice report)
    {
        if (choice.Chosen)
        {
            yield return choice.LocalWorkers is { } workers ? $"--local={workers}" : "--cluster";
        }

        foreach (var (key, value) in choice.Settings)
        {
            yield return $"--set={key}={value}";
        }

        if (report.Quiet)
        {
            yield return "--quiet";
        }

        if (report.Verbose)
        {
            yield return "--verbose";
        }

        if (report.EventLog is { } file)
        {
            yield return $"--event-log={file}";
        }

        if (report.Collector is { } collector)
        {
            yield return $"--otlp={collector}";
        }
    }

    private static async Task<int> SubmitAsync(
        SubmittedProgram program, string[] arguments, ClusterChoice choice, ReportChoice report, Terminal terminal,
        CancellationToken cancellationToken)
    {
        using var detached = Detached.Begin();
        terminal = detached is null ? terminal : terminal with { Out = detached.Log, Error = detached.Log, ErrorIsScreen = false };
        var contexts = new ConcurrentBag<MicroSparkContext>();

        // Plain lines, on a screen too: bars and what the program itself writes would draw over each other.
        using var reports = new JobReports(report, terminal, bars: false);
        var place = !choice.Chosen ? LaunchPlace.AsTheProgramAsks
            : choice.LocalWorkers is null ? LaunchPlace.Cluster
            : LaunchPlace.Embedded;
        Launch.Current = new Launch(place, choice.LocalWorkers ?? 0, context =>
        {
            contexts.Add(context);
            reports.Watch(context);
            if (detached is not null)
            {
                context.Progress += detached.Hear;
            }
        })
        {
            Ui = choice.Ui,
            Detached = detached is not null,
        };

        // On a thread of its own: Main may block for as long as it likes, and Ctrl-C must still get through.
        var main = Task.Factory.StartNew(
            () => program.Run(arguments), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(cancelled.SetResult);
        if (await Task.WhenAny(main, cancelled.Task) == main)
        {
            var code = await EndAsync(main, detached);
            reports.Hide();
            reports.Summarize();
            return code;
        }

        // A cluster's jobs outlive their client unless they are told; disposing tells them.
        await Task.WhenAll(contexts.Select(context => context.DisposeAsync().AsTask()));
        reports.Hide();
        terminal.Error.WriteLine("Cancelled.");
        return ExitCode.Cancelled;
    }

    /// <summary>A detached program has nobody else to tell how it ended.</summary>
    private static async Task<int> EndAsync(Task<int> main, Detached.Life? detached)
    {
        try
        {
            var code = await main;
            detached?.Log.WriteLine($"The program ended with {code}.");
            return code;
        }
        catch (Exception e) when (detached is not null)
        {
            var code = Failures.Report(e, detached.Log);
            detached.Log.WriteLine($"The program ended with {code}.");
            return code;
        }
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

            if (arguments[i] is "--local" or "--set" or "--event-log" or "--log")
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
