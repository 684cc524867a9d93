using MicroSpark.Grains.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Tests.Hosting;

/// <summary>A worker's log is read on terminals, and its texts have what files, paths of requests and other programs say in them.</summary>
public sealed class OneLineFormatterTests
{
    [Fact]
    public void An_event_is_one_line_in_which_nothing_acts()
    {
        const string Forged = "a\nb\r\u001b[2Kc\u202ed\u0085e";
        using var output = new StringWriter();
        var error = new InvalidDataException(Forged, new IOException(Forged));
        new OneLineFormatter().Write(
            new LogEntry<string>(LogLevel.Error, "MicroSpark.Category", default, Forged, error, static (state, _) => state), null, output);

        var text = output.ToString();
        Assert.EndsWith(Environment.NewLine, text, StringComparison.Ordinal);
        var line = text[..^Environment.NewLine.Length];
        Assert.DoesNotContain(line, static c => char.IsControl(c) || c == '\u202e');
        Assert.EndsWith(
            @"error Category: a b \u001b[2Kc\u202ed e | InvalidDataException: a b \u001b[2Kc\u202ed e | IOException: a b \u001b[2Kc\u202ed e",
            line, StringComparison.Ordinal);
    }
}
