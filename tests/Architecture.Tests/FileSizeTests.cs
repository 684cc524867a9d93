namespace MicroSpark.Tests;

/// <summary>A file says one thing. Past 400 lines it has to say why it is still one.</summary>
public sealed class FileSizeTests
{
    private const int Limit = 400;
    private const string AllowList = "tests/Architecture.Tests/long-files.txt";

    [Fact]
    public void A_long_file_has_a_reason()
    {
        var tooLong = SourceTree.Files(".cs").Where(path => File.ReadLines(SourceTree.Absolute(path)).Count() > Limit);

        Assert.Equal(Allowed().Select(entry => entry.Path), tooLong);
    }

    [Fact]
    public void A_reason_is_a_sentence() => Assert.All(Allowed(), entry => Assert.True(entry.Reason.Length >= 20, entry.Path));

    private static IEnumerable<(string Path, string Reason)> Allowed() =>
        from line in File.ReadLines(SourceTree.Absolute(AllowList))
        where line.Length > 0 && line[0] != '#'
        let parts = line.Split(" : ", 2)
        orderby parts[0]
        select (parts[0], parts.Length == 2 ? parts[1] : "");
}
