using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Silo;

namespace MicroSpark.Client.Commands;

/// <summary><c>worker</c>: this process becomes a worker of the cluster until it is told to stop.</summary>
internal static class WorkerCommand
{
    public const string Name = "worker";

    public static Command Create()
    {
        var command = new Command(Name, "Run a worker of the cluster in this process, until Ctrl-C or SIGTERM.");
        var set = ClusterOptions.NewSet();
        command.Options.Add(set);
        var otlp = OtlpOption.Add(command, "the worker's metrics");
        command.SetAction((parsed, _) => WorkerProcess.RunAsync(
        [
            .. parsed.GetValue(set)!.Select(text => $"--MicroSpark:{text}"),
            .. parsed.GetValue(otlp) is { } collector ? [OtlpExport.Switch, collector.ToString()] : (string[])[],
        ]));
        return command.WithExamples(
            "microspark worker --set Membership:Provider=Sqlite --set \"Membership:ConnectionString=Data Source=cluster.db\"",
            "microspark worker --otlp http://localhost:4318",
            "microspark worker --set Slots=4 --set MemoryBudget=2GB      with the membership in appsettings.json or MICROSPARK__* "
            + "variables");
    }
}
