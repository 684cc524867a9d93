using MicroSpark.Client.Output;
using MicroSpark.Display;
using MicroSpark.Options;

namespace MicroSpark.Client.CommandLine;

/// <summary>Says on standard error what went wrong, and which exit code stands for it.</summary>
/// <remarks>Errors say what stood in a file, or what another program said: the terminal does not obey it.</remarks>
internal static class Failures
{
    public static int Report(Exception exception, TextWriter error)
    {
        var (code, text) = Of(exception);
        error.WriteLine(VisibleText.OfLines(text ?? UserStack.Of(exception)));
        return code;
    }

    /// <summary>As <see cref="Report"/>, of code that the user is typing: the error, without the stack of the code that ran it.</summary>
    public static int ReportLine(Exception exception, TextWriter error)
    {
        var (code, text) = Of(exception);
        error.WriteLine(VisibleText.OfLines(text ?? $"{exception.GetType().Name}: {exception.Message}"));
        return code;
    }

    private static (int Code, string? Text) Of(Exception exception) => exception switch
    {
        ScriptErrorException => (ExitCode.JobFailed, exception.Message),
        OperationCanceledException => (ExitCode.Cancelled, "Cancelled."),
        UsageException => (ExitCode.BadUsage, exception.Message),
        InvalidSettingException => (ExitCode.BadUsage, exception.Message),
        ClusterUnavailableException => (ExitCode.NoCluster, exception.Message),
        JobFailedException failed => (ExitCode.JobFailed, Of(failed)),
        IOException or UnauthorizedAccessException or NotSupportedException => (ExitCode.JobFailed, exception.Message),

        // Nothing that a user does should end here: whoever looks into it needs the stack.
        _ => (ExitCode.JobFailed, null),
    };

    private static string Of(JobFailedException failed)
    {
        var cause = failed.InnerException;
        if (cause is null or IOException or UnauthorizedAccessException)
        {
            return cause?.Message ?? failed.Message;
        }

        // A lambda that was inlined left no frame, and the message has said the rest.
        var stack = UserStack.Of(cause);
        return stack == $"{cause.GetType()}: {cause.Message}" && failed.Message.EndsWith(cause.Message, StringComparison.Ordinal)
            ? failed.Message
            : $"{failed.Message}{Environment.NewLine}{stack}";
    }
}
