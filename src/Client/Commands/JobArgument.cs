using System.CommandLine;
using MicroSpark.Client.CommandLine;

namespace MicroSpark.Client.Commands;

/// <summary>A job's id on a command line.</summary>
internal static class JobArgument
{
    public static Argument<string> Add(Command command)
    {
        var job = new Argument<string>("JOB") { Description = "The job's id, as `jobs` lists it." };
        command.Arguments.Add(job);
        Suggestions.RefuseOptions(job, command);
        return job;
    }

    /// <exception cref="UsageException">It is no id.</exception>
    public static JobId Parse(string text)
    {
        try
        {
            return JobId.Parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"'{text}' is no job id. `microspark jobs` lists them.", e);
        }
    }

    public static UsageException Unknown(JobId id) =>
        new($"The cluster knows no job {id}: it ended more than ten minutes ago, or never ran here. `microspark jobs` lists those that it knows.");
}
