using MicroSpark.Client;
using MicroSpark.Client.Output;

namespace MicroSpark.Tests;

/// <summary>One run of the console inside the test's process.</summary>
internal sealed record ConsoleRun(int ExitCode, string Out, string Error)
{
    public static Task<ConsoleRun> OfAsync(params string[] arguments) => WithInputAsync("", arguments);

    public static async Task<ConsoleRun> WithInputAsync(string input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ConsoleProgram.RunAsync(arguments, new Terminal(output, error, ErrorIsScreen: false) { In = new StringReader(input), InIsScreen = false });
        return new ConsoleRun(code, output.ToString(), error.ToString());
    }
}
