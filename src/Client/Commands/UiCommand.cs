using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary><c>ui</c>: a link to the page about the cluster.</summary>
internal static class UiCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "ui", "Print a link to the page about the cluster: for one browser on a worker's host, once, within 10 minutes.");
        var control = new Option<bool>("--control")
        { Description = "The browser may also cancel jobs and unpersist RDDs: those that the secret's holder may." };
        var role = new Option<string?>("--role")
        {
            Description = "Show no more than the role may see: read, submit or admin. By default the one of the secret.",
            HelpName = "ROLE",
        };
        role.AcceptOnlyFromAmong("read", "submit", "admin");
        command.Options.Add(control);
        command.Options.Add(role);
        var cluster = new ClusterOptions(command, clusterIsDefault: true);
        command.SetAction((parsed, cancellationToken) => Session.AskAsync(
            cluster.Read(parsed), terminal,
            async (spark, token) => terminal.Out.WriteLine(
                (await spark.UiLinkForAsync(RoleOf(parsed.GetValue(role)), parsed.GetValue(control), token))?.ToString()
                ?? throw new UsageException("No worker of the cluster has a page: leave Silo:UiPort unset on one, or set it to a port.")),
            cancellationToken));
        return command.WithExamples("microspark ui", "microspark ui --control", "microspark ui --role read");
    }

    private static PrincipalRole? RoleOf(string? name) =>
        name is null ? null : Enum.Parse<PrincipalRole>(name, ignoreCase: true);
}
