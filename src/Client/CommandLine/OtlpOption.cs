using System.CommandLine;
using MicroSpark.Silo;

namespace MicroSpark.Client.CommandLine;

/// <summary>Where a process sends what it measures and traces.</summary>
internal static class OtlpOption
{
    /// <param name="what">What is sent, for the help.</param>
    public static Option<Uri?> Add(Command command, string what)
    {
        var option = new Option<Uri?>(OtlpExport.Switch)
        {
            Description = $"Send {what} to a collector, by OTLP over HTTP, as to http://localhost:4318.",
            HelpName = "URL",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (OtlpExport.Read(text) is { } collector)
                {
                    return collector;
                }

                result.AddError($"{OtlpExport.Switch} takes the address of a collector, such as http://localhost:4318, not '{text}'.");
                return null;
            },
        };
        command.Options.Add(option);
        return option;
    }
}
