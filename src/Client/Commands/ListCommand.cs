using System.CommandLine;
using System.Text.Json;
using MicroSpark.Client.CommandLine;
using Spectre.Console;

namespace MicroSpark.Client.Commands;

/// <summary>Something of the cluster that can be listed: as a table, or as JSON.</summary>
/// <param name="Name">The command.</param>
internal sealed record Listing<T>(
    string Name, string Description, Func<MicroSparkContext, CancellationToken, Task<IReadOnlyList<T>>> Ask,
    string[] Columns, Func<T, string[]> Cells, Action<Utf8JsonWriter, T> WriteProperties)
{
    public async Task WriteTableAsync(MicroSparkContext spark, TextWriter output, CancellationToken cancellationToken) =>
        ListCommand.WriteTable(output, Columns, (await Ask(spark, cancellationToken)).Select(Cells));
}

/// <summary>The shape that all listing commands share: ask the cluster, write a table or JSON.</summary>
internal static class ListCommand
{
    /// <summary>A log or a pipe has no width; rows there are never wrapped.</summary>
    private const int WidthOfPipe = 1000;

    public static Command Create<T>(Terminal terminal, Listing<T> listing)
    {
        var command = new Command(listing.Name, listing.Description);
        var json = new Option<bool>("--json") { Description = "Write one JSON array." };
        command.Options.Add(json);
        var cluster = new ClusterOptions(command, clusterIsDefault: true);
        command.SetAction((parsed, cancellationToken) => Session.AskAsync(
            cluster.Read(parsed), terminal,
            async (spark, token) =>
            {
                if (parsed.GetValue(json))
                {
                    await Json.WriteArrayAsync(terminal.Out, (await listing.Ask(spark, token)).ToAsyncEnumerable(), listing.WriteProperties);
                }
                else
                {
                    await listing.WriteTableAsync(spark, terminal.Out, token);
                }
            },
            cancellationToken));
        return command.WithExamples($"microspark {listing.Name}", $"microspark {listing.Name} --json");
    }

    public static void WriteTable(TextWriter output, string[] columns, IEnumerable<string[]> rows)
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
