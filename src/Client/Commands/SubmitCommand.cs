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
        command.SetAction((parsed, _) =>
        {
            var program = SubmittedProgram.Load(parsed.GetValue(app)!);
            cluster.Read(parsed).ApplySettings();
            terminal.Out.Flush();
            return Task.FromResult(program.Run(parsed.GetValue(arguments)!));
        });
        return command;
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

            if (arguments[i] is "--local" or "--set")
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
