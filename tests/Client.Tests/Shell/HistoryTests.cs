using MicroSpark.Client.Shell;

namespace MicroSpark.Tests.Shell;

public sealed class HistoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => Path.Join(_folder.Path, "deep", "history");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Entries_last_also_those_of_several_lines()
    {
        var first = new History(FilePath);
        first.Add("a\nb");
        first.Add("c");
        first.Add("c");
        Assert.Equal(["a\nb", "c"], new History(FilePath).Entries);
    }

    [Fact]
    public void What_was_being_typed_is_found_again_below_the_last_entry()
    {
        var history = new History(FilePath);
        history.Add("one");
        history.Add("two");
        Assert.Equal("two", history.Previous("typed"));
        Assert.Equal("one", history.Previous("two"));
        Assert.Null(history.Previous("one"));
        Assert.Equal("two", history.Next());
        Assert.Equal("typed", history.Next());
        Assert.Null(history.Next());
    }

    [Fact]
    public void A_damaged_file_costs_its_damaged_lines()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, "\"good\"\nno json\n\n\"better\"\n");
        Assert.Equal(["good", "better"], new History(FilePath).Entries);
    }
}
