using MicroSpark.Client.Output;

namespace MicroSpark.Tests.Output;

/// <summary>A row is a line, however narrow the screen.</summary>
public sealed class ListTableTests
{
    private static readonly string[] s_columns = ["job", "failed", "state", "error"];

    private static readonly string[][] s_rows =
    [
        ["5750507d15d84af4abe7017732e59acb", "0", "Succeeded", ""],
        ["4ece5bf95aab40f6a9dec1676ed3dba7", "0", "Failed", "stage 1, partition 3 was tried 4 times and failed"],
    ];

    [Fact]
    public void A_wide_screen_shows_all()
    {
        var lines = Lines(s_columns, s_rows, 120);

        Assert.Equal("job failed state error", string.Join(' ', lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.EndsWith("stage 1, partition 3 was tried 4 times and failed", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_narrow_one_leaves_out_what_tells_nothing_and_cuts_the_end()
    {
        var lines = Lines(s_columns, s_rows, 80);

        Assert.Equal("job state error", string.Join(' ', lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 80));
        Assert.Contains("5750507d15d84af4abe7017732e59acb   Succeeded", lines[2]);
        Assert.EndsWith("stage 1, partition 3 was tr…", lines[^1], StringComparison.Ordinal);
    }

    /// <summary>Another's job may be called anything.</summary>
    [Fact]
    public void Nothing_acts_in_a_cell()
    {
        var lines = Lines(["job", "name", "state"], [["1", "a\u001b[2K\nb\u202ec", "\u001b]0;title\u0007"]], 200);

        Assert.Equal(3, lines.Length);
        Assert.Contains(@"a\u001b[2K\nb\u202ec", lines[^1], StringComparison.Ordinal);
        Assert.EndsWith(@"\u001b]0;title\u0007", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_names_a_row_stays() => Assert.Contains("stage", Lines(["stage", "retries"], [["0", "0"]], 5)[0]);

    [Fact]
    public void Cells_are_never_broken()
    {
        var lines = Lines(s_columns, s_rows, 30);

        Assert.Equal(4, lines.Length);
        Assert.EndsWith("4ece5bf95aab40f6a9dec1676ed3dba7   Failed      stage 1, …", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_list_has_its_header() => Assert.Contains("error", Lines(s_columns, [], 120)[0]);

    private static string[] Lines(string[] columns, string[][] rows, int width)
    {
        using var output = new StringWriter { NewLine = "\n" };
        ListTable.Write(output, columns, rows, width);
        return [.. output.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
    }
}
