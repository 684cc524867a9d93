using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Listings;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary>The shape that all listing commands share: ask the cluster, write a table or JSON.</summary>
internal static class ListCommand
{
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
                    await Json.WriteArrayAsync(
                        terminal.Out, (await listing.Ask(spark, token)).ToAsyncEnumerable(), listing.WriteProperties);
                }
                else
                {
                    await listing.WriteTableAsync(spark, terminal.Out, token);
                }
            },
            cancellationToken));
        return command.WithExamples($"microspark {listing.Name}", $"microspark {listing.Name} --json");
    }
}
