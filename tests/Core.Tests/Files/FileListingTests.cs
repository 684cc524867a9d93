using MicroSpark.Files;

namespace MicroSpark.Tests.Files;

/// <summary>What a path argument names, in which order, and what it says when it names nothing.</summary>
public sealed class FileListingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FileListingTests()
    {
        foreach (var name in new[]
        {
            "b.txt", "a.txt", "C.txt", "_SUCCESS", ".hidden", "data.csv", "x,y.txt", "odd[1].txt", "sub/a.txt", "sub/deep/b.txt", "sub/.git/c.txt",
        })
        {
            _folder.Write(name, name);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.txt", "a.txt")]
    [InlineData("", "C.txt a.txt b.txt data.csv odd[1].txt x,y.txt")] // the directory: ordinal, no marks, not recursive
    [InlineData("sub/", "sub/a.txt")]
    [InlineData("_SUCCESS", "_SUCCESS")] // named itself it is read
    [InlineData("x,y.txt", "x,y.txt")] // exists as it stands, so the comma separates nothing
    [InlineData("odd[1].txt", "odd[1].txt")]
    [InlineData("b.txt,{0}/a.txt,{0}/b.txt", "b.txt a.txt b.txt")] // the list's order, and nothing deduplicated
    [InlineData("sub,{0}/a.txt", "sub/a.txt a.txt")]
    [InlineData("*.txt", "C.txt a.txt b.txt odd[1].txt x,y.txt")]
    [InlineData("?.txt", "C.txt a.txt b.txt")]
    [InlineData("[a-c].txt", "a.txt b.txt")]
    [InlineData("[!a-b].txt", "C.txt")]
    [InlineData("{a,b}.txt", "a.txt b.txt")]
    [InlineData("{b,*}.txt,{0}/a.txt", "C.txt a.txt b.txt odd[1].txt x,y.txt a.txt")] // one glob names a file once
    [InlineData("{sub/a,b}.txt", "b.txt sub/a.txt")]
    [InlineData("{data.csv,sub/{a,deep/b}.txt}", "data.csv sub/a.txt sub/deep/b.txt")]
    [InlineData("_*", "_SUCCESS")]
    [InlineData(".h*", ".hidden")]
    [InlineData("**/*.txt", "C.txt a.txt b.txt odd[1].txt sub/a.txt sub/deep/b.txt x,y.txt")]
    [InlineData("sub/**", "sub/a.txt sub/deep/b.txt")]
    [InlineData("**/deep", "sub/deep/b.txt")] // a matched directory stands for its files
    [InlineData("s*/d*/*", "sub/deep/b.txt")]
    [InlineData("odd[[]1].txt", "odd[1].txt")]
    public void Names_files(string paths, string expected)
    {
        var argument = $"{_folder.Path}/{paths.Replace("{0}", _folder.Path)}";
        var found = FileListing.List(argument).Select(file => Path.GetRelativePath(_folder.Path, file.Path).Replace('\\', '/'));
        Assert.Equal(expected, string.Join(' ', found));
    }

    [Fact]
    public void Knows_length_and_time_of_the_file_behind_a_link()
    {
        var target = _folder.Write("sub/target", new string('x', 1234));
        File.SetLastWriteTimeUtc(target, new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        File.CreateSymbolicLink(_folder.At("link"), target);
        Directory.CreateSymbolicLink(_folder.At("links"), _folder.At("sub/deep"));

        var file = Assert.Single(FileListing.List(_folder.At("link")));
        Assert.Equal(new FileEntry(_folder.At("link"), 1234, new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc).Ticks), file);
        Assert.Equal(_folder.At("links/b.txt"), Assert.Single(FileListing.List(_folder.At("links"))).Path);
    }

    [Fact]
    public void A_link_into_the_void_matters_only_to_who_reads_it()
    {
        File.CreateSymbolicLink(_folder.At("sub/.#lock"), "nowhere");
        Assert.Single(FileListing.List(_folder.At("sub")));
        File.CreateSymbolicLink(_folder.At("sub/void"), "nowhere");
        var link = FileListing.List(_folder.At("sub"))[1];
        Assert.Equal(link.Path, Assert.Throws<FileNotFoundException>(() => LocalFileSystem.Instance.OpenRead(link, 0)).FileName);
        Assert.Throws<FileNotFoundException>(() => FileListing.List(link.Path));
    }

    [Fact]
    public void A_missing_path_and_a_pattern_without_matches_are_named()
    {
        foreach (var name in new[] { "nope", "a.txt/below", "nope/*.txt", "*.nope" })
        {
            var path = _folder.At(name);
            var error = Assert.Throws<FileNotFoundException>(() => FileListing.List(path));
            Assert.Equal(path, error.FileName);
            Assert.Contains(path, error.Message);
        }

        Assert.Equal(_folder.At("nope"), Assert.Throws<FileNotFoundException>(() => FileListing.List($"{_folder.At("a.txt")},{_folder.At("nope")}")).FileName);
    }

    [Fact]
    public void A_directory_without_files_lists_nothing()
    {
        Directory.CreateDirectory(_folder.At("none/deeper"));
        _folder.Write("none/_SUCCESS", "");
        Assert.Empty(FileListing.List(_folder.At("none")));
        Assert.Empty(FileListing.List(_folder.At("non*")));
    }

    [Fact]
    public void File_addresses_and_relative_paths_become_absolute()
    {
        var path = _folder.At("a.txt");
        foreach (var form in new[] { $"file://{path}", $"file://localhost{path}", $"file:{path}", Path.GetRelativePath(Environment.CurrentDirectory, path) })
        {
            Assert.Equal(path, Assert.Single(FileListing.List(form)).Path);
        }

        Assert.Equal([path, _folder.At("*.csv")], InputPaths.Parse($"{path},file://{_folder.Path}/*.csv", LocalFileSystem.Instance));
        Assert.Contains("s3", Assert.Throws<NotSupportedException>(() => FileListing.List("s3://bucket/key")).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a,,b")]
    [InlineData(",a")]
    public void An_empty_path_is_refused(string paths) => Assert.Throws<ArgumentException>(() => FileListing.List(paths));
}
