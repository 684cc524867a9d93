using MicroSpark.Client.CommandLine;

namespace MicroSpark.Tests.CommandLine;

/// <summary>An error says what stood in a file that anybody may have written.</summary>
public sealed class FailuresTests
{
    public static TheoryData<Exception> All =>
    [
        new FormatException("The input string '\u001b]0;x\u0007\r\u202e' was not in a correct format."),
        new IOException("'\u001b[2J' cannot be read"),
        new JobFailedException("Job 1 failed: \u001b[2J", new FormatException("\u001b[2J")),
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void What_it_says_does_nothing_on_the_terminal(Exception error)
    {
        foreach (var report in new Func<Exception, TextWriter, int>[] { Failures.Report, Failures.ReportLine })
        {
            using var output = new StringWriter();
            report(error, output);
            Assert.DoesNotContain(
                output.ToString().ReplaceLineEndings(""), static c => char.IsControl(c) || c == '\u202e');
            Assert.Contains(@"\u001b", output.ToString(), StringComparison.Ordinal);
        }
    }
}
