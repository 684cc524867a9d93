namespace MicroSpark.Client.CommandLine;

/// <summary>
/// The stack of an error that a user's code threw, for its author. It goes down to his own outermost frame, without the frames that ran it.
/// </summary>
internal static class UserStack
{
    private static readonly string[] s_ours =
    [
        "   at MicroSpark.", "   at Stage(Object", "   at System.Reflection.", "   at System.RuntimeMethodHandle.",
        "   at System.Threading.", "   at System.CommandLine.",
        "   at System.Runtime.", "--- End of stack trace from previous location",
    ];

    public static string Of(Exception exception)
    {
        var lines = exception.ToString().ReplaceLineEndings("\n").TrimEnd().Split('\n');
        var count = lines.Length;
        while (count > 1 && s_ours.Any(ours => lines[count - 1].StartsWith(ours, StringComparison.Ordinal)))
        {
            count--;
        }

        return string.Join(Environment.NewLine, lines.Take(count));
    }
}
