using System.CommandLine;
using MicroSpark.Client.Listings;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary><c>jobs</c>: what runs and what ran lately.</summary>
internal static class JobsCommand
{
    public static Command Create(Terminal terminal) => ListCommand.Create(terminal, JobListing.All);
}
