using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;
using MicroSpark.Grains.Security;

namespace MicroSpark.Client.Commands;

/// <summary><c>secret</c>: a new secret for a cluster.</summary>
internal static class SecretCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "secret",
            "Print a new secret for a cluster: 256 random bits with a checksum, for the setting Secret or a file that SecretFile names.");
        command.SetAction(_ => terminal.Out.WriteLine(SecretText.New()));
        return command.WithExamples(
            "(umask 077; microspark secret > secret)      a file that only you can read, for --set SecretFile=secret",
            "microspark secret >> secret      while a cluster runs: the second line is accepted too");
    }
}
