using System.CommandLine;
using MicroSpark.Client.Listings;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary><c>workers</c>: who computes.</summary>
internal static class WorkersCommand
{
    public static Command Create(Terminal terminal) => ListCommand.Create(terminal, WorkerListing.All);
}
