using System.CommandLine;
using MicroSpark.Client.Listings;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary><c>rdds</c>: what is persisted, of all clients.</summary>
internal static class RddsCommand
{
    public static Command Create(Terminal terminal) => ListCommand.Create(terminal, RddListing.All);
}
