using System.CommandLine;
using System.Text.Json;
using MicroSpark.Client.CommandLine;
using Spectre.Console;

namespace MicroSpark.Client.Commands;

/// <summary>The shape that all listing commands share: ask the cluster, write a table or JSON.</summary>
internal static class ListCommand
{
    /// <summary>A log or a pipe has no width; rows there are never wrapped.</summary>
    private const int WidthOfPipe = 1000;

    public static Command Create<T>(
        Terminal terminal, string name, string description, Func<MicroSparkContext, CancellationToken, Task<IReadOnlyList<T>>> ask,
        string[] columns, Func<T, string[]> cells, Action<Utf8JsonWriter, T> writeProperties)
    {
        var command = new Command(name, description);
        var json = new Option<bool>("--json") { Description = "Write one JSON array." };
        command.Options.Add(json);
        var cluster = new ClusterOptions(command, clusterIsDefault: true);
        command.SetAction((parsed, cancellationToken) => Session.RunAsync(
            cluster.Read(parsed), terminal,
            async (spark, _, token) =>
            {
                var items = await ask(spark, token);
                if (parsed.GetValue(json))
                {
                    await Json.WriteArrayAsync(terminal.Out, items.ToAsyncEnumerable(), writeProperties);
                }
                else
                {
                    WriteTable(terminal.Out, columns, items.Select(cells));
                }
            },
            cancellationToken));
        return command;
    }

    private static void WriteTable(TextWriter output, string[] columns, IEnumerable<string[]> rows)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthOfPipe;
        }

        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)).NoWrap());
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        console.Write(table);
    }
}
