using MicroSpark.Files;

namespace MicroSpark.Tests.Files;

/// <summary>The promises of <see cref="IFileSystem"/> that saves stand on.</summary>
public sealed class LocalFileSystemTests : IDisposable
{
    private static readonly LocalFileSystem Files = LocalFileSystem.Instance;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_files_published_under_one_name_at_once_one_gets_it_and_the_others_stay()
    {
        // File.Move fails this in every second round or so.
        const int rivals = 4;
        using var gate = new Barrier(rivals);
        for (var round = 0; round < 200; round++)
        {
            var target = _folder.At($"target{round}");
            string[] asides = [.. Enumerable.Range(0, rivals).Select(i => _folder.Write($"{round}-{i}", $"{i}"))];
            var wins = new int[rivals];
            Thread[] threads = [.. Enumerable.Range(0, rivals).Select(i => new Thread(() =>
            {
                gate.SignalAndWait();
                wins[i] = Files.TryPublish(asides[i], target) ? 1 : 0;
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());

            Assert.Equal(1, wins.Sum());
            var winner = Array.IndexOf(wins, 1);
            Assert.Equal($"{winner}", File.ReadAllText(target));
            Assert.Equal(Enumerable.Range(0, rivals).Where(i => i != winner), Enumerable.Range(0, rivals).Where(i => File.Exists(asides[i])));
        }
    }

    [Fact]
    public void Publishing_what_is_not_there_is_an_error() =>
        Assert.Contains("nothing", Assert.Throws<FileNotFoundException>(() => Files.TryPublish(_folder.At("nothing"), _folder.At("target"))).Message);

    [Fact]
    public void Create_aside_makes_no_directories_and_replaces_no_file()
    {
        Assert.Throws<DirectoryNotFoundException>(() => Files.CreateAside(_folder.At("none/file")));
        var file = _folder.Write("file", "content");
        Assert.Contains(file, Assert.Throws<IOException>(() => Files.CreateAside(file)).Message);
    }

    [Fact]
    public void Delete_takes_files_and_trees_and_what_is_missing()
    {
        Files.Delete(_folder.Write("file", ""));
        _folder.Write("tree/a/b", "");
        Files.Delete(_folder.At("tree"));
        Files.Delete(_folder.At("nothing"));
        Files.Delete(_folder.At("nothing/below"));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_stream_ends_at_the_listed_length_whatever_is_appended_meanwhile()
    {
        var path = _folder.Write("file", "0123456789");
        using var stream = Files.OpenRead(Files.Stat(path)!.Value, 4);
        File.AppendAllText(path, "more");
        Assert.Equal("456789", new StreamReader(stream).ReadToEnd());
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_read_is_an_error()
    {
        var path = _folder.Write("file", "0123456789");
        using var stream = Files.OpenRead(Files.Stat(path)!.Value, 0);
        File.WriteAllText(path, "012");
        var reader = new StreamReader(stream);
        Assert.Contains(path, Assert.Throws<IOException>(() => reader.ReadToEnd()).Message);
    }

    [Fact]
    public void An_empty_file_is_not_opened() // behind it there may be a pipe, which would wait for a writer
    {
        var empty = Files.Stat(_folder.Write("empty", ""))!.Value;
        Assert.Equal(-1, Files.OpenRead(empty, 0).ReadByte());
    }
}
