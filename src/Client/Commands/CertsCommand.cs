using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary><c>certs</c>: an authority and certificates, to try TLS with.</summary>
internal static class CertsCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "certs", "Make an authority and certificates for a worker and a client, valid for a year: to try TLS with.");
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "Where to write them; nothing there is overwritten." };
        var cluster = new Option<string>("--cluster-id")
        { Description = "The cluster that they are for.", DefaultValueFactory = _ => new MicroSparkOptions().ClusterId };
        command.Arguments.Add(folder);
        command.Options.Add(cluster);
        command.SetAction(parsed =>
        {
            try
            {
                foreach (var file in CertificateMaker.Make(parsed.GetValue(folder)!, parsed.GetValue(cluster)!, TimeProvider.System))
                {
                    terminal.Out.WriteLine(file);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"The certificates cannot be written: {e.Message}");
            }
        });
        return command.WithExamples("microspark certs tls", "microspark certs tls --cluster-id night");
    }
}
