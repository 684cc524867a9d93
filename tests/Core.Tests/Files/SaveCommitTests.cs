using System.Globalization;
using System.IO.Compression;
using MicroSpark.Files;
using MicroSpark.Model;
using MicroSpark.Tests.Files;
using static MicroSpark.Tests.Files.SavedParts;

namespace MicroSpark.Tests.Files;

/// <summary>What a save writes, step by step, and that whoever fails leaves nothing behind.</summary>
public sealed class SaveCommitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SaveTarget Target => new(_folder.At("out"), new JobId(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)), Compression.None);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_save_leaves_the_parts_and_the_mark_of_success()
    {
        SaveCommit.Begin(Target);
        Assert.True(Write(Target, 0, 1, "one", "", "zwölf \uD83D\uDE00"));
        Assert.True(Write<string>(Target, 1, 2));
        Assert.False(File.Exists(Target.SuccessFile));
        SaveCommit.Commit(Target, 2);

        Assert.Equal(["_SUCCESS", "part-00000", "part-00001"], Names());
        Assert.Equal("one\n\nzwölf \uD83D\uDE00\n"u8.ToArray(), File.ReadAllBytes(Target.PartFile(0)));
        Assert.Empty(File.ReadAllBytes(Target.PartFile(1)));
        Assert.Equal(2, FileListing.List(Target.Path).Length);
    }

    [Fact]
    public void Gzip_parts_are_read_back()
    {
        var target = Target with { Compression = Compression.Gzip };
        string[] lines = [.. Enumerable.Range(0, 100_000).Select(i => $"line {i}")];
        SaveCommit.Begin(target);
        Write(target, 0, 1, lines);
        SaveCommit.Commit(target, 1);

        using var gzip = new GZipStream(File.OpenRead(_folder.At("out/part-00000.gz")), CompressionMode.Decompress);
        Assert.Equal(string.Concat(lines.Select(line => line + "\n")), new StreamReader(gzip).ReadToEnd());
        Assert.Equal(lines, TextSplits.Plan(FileListing.List(target.Path), 8).SelectMany(split => TextSplitReader.Lines(split)));
    }

    [Fact]
    public void A_line_longer_than_any_buffer_is_written_whole()
    {
        var line = string.Concat(Enumerable.Repeat("a\u00E9\u6F22\uD83D\uDE00", 200_000));
        SaveCommit.Begin(Target);
        Write(Target, 0, 1, "before", line, "after");
        Assert.Equal(["before", line, "after"], File.ReadLines(Target.PartFile(0)));
    }

    [Fact]
    public void Elements_are_written_as_text_of_the_invariant_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        try
        {
            SaveCommit.Begin(Target);
            Write(Target, 0, 1, 1.5, -2000000.25);
            Write(Target, 1, 2, ("pi", 3.5), ("e", 2.5));
            Write(Target, 2, 3, new DateOnly(2024, 12, 31));
            Write<object>(Target, 3, 4, 7.25m, "text", 'c', true);
            Assert.Equal("de-DE", CultureInfo.CurrentCulture.Name);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }

        Assert.Equal("1.5\n-2000000.25\n", File.ReadAllText(Target.PartFile(0)));
        Assert.Equal("(pi, 3.5)\n(e, 2.5)\n", File.ReadAllText(Target.PartFile(1)));
        Assert.Equal("12/31/2024\n", File.ReadAllText(Target.PartFile(2)));
        Assert.Equal("7.25\ntext\nc\nTrue\n", File.ReadAllText(Target.PartFile(3)));
    }

    [Fact]
    public void A_null_element_is_refused_and_nothing_of_its_part_remains()
    {
        SaveCommit.Begin(Target);
        var error = Assert.Throws<ArgumentException>(() => Write(Target, 4, 1, "a", null));
        Assert.Contains("cannot hold null", error.Message);
        Assert.Contains("Element 1 of partition 4", error.Message);
        Assert.Throws<ArgumentException>(() => Write<int?>(Target, 5, 1, 1, null));
        Assert.Empty(Directory.GetFiles(Target.JobDirectory));
        Assert.Equal(["_temporary"], Names());
    }

    [Fact]
    public void A_target_that_exists_is_refused_and_stays_as_it_is()
    {
        var file = _folder.Write("file", "content");
        var directory = _folder.At("directory");
        Directory.CreateDirectory(directory);
        foreach (var path in new[] { file, directory })
        {
            Assert.Contains(path, Assert.Throws<IOException>(() => SaveCommit.Begin(Target with { Path = path })).Message);
        }

        Assert.Equal("content", File.ReadAllText(file));
        Assert.Empty(Directory.GetFileSystemEntries(directory));
    }

    [Fact]
    public void A_target_that_cannot_be_begun_is_named_and_nothing_of_it_remains()
    {
        var target = Target;
        var full = Assert.Throws<IOException>(() => SaveCommit.Begin(target, new FullDisk(room: 0)));
        Assert.Contains(target.Path, full.Message, StringComparison.Ordinal);
        Assert.Contains("No space left", full.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(target.Path));
        SaveCommit.Begin(target);
    }

    [Fact]
    public void Every_step_can_be_repeated_by_the_job_that_owns_the_target()
    {
        SaveCommit.Begin(Target);
        Write(Target, 0, 1, "a");
        SaveCommit.Begin(Target);
        Assert.False(Write(Target, 0, 2, "b"));
        SaveCommit.Commit(Target, 1);
        SaveCommit.Commit(Target, 1);
        SaveCommit.Abort(Target);
        Assert.Equal(["_SUCCESS", "part-00000"], Names());
        Assert.Equal("a\n", File.ReadAllText(Target.PartFile(0)));
    }

    [Fact]
    public void A_missing_part_is_not_declared_a_success()
    {
        SaveCommit.Begin(Target);
        Write(Target, 0, 1, "a");
        Assert.Contains("part-00001", Assert.Throws<IOException>(() => SaveCommit.Commit(Target, 2)).Message);
        Assert.False(File.Exists(Target.SuccessFile));
    }

    [Fact]
    public void What_cannot_be_removed_does_not_hide_why_the_job_failed()
    {
        SaveCommit.Begin(Target);
        Write(Target, 0, 1, "one");
        var readOnly = new FullDisk(room: 0, readOnly: true);
        Assert.Throws<UnauthorizedAccessException>(() => SaveCommit.Abort(Target, readOnly));
        SaveCommit.ClearUp(Target, readOnly);
        Assert.False(File.Exists(Target.SuccessFile));
        SaveCommit.ClearUp(Target);
        Assert.False(Directory.Exists(Target.Path));
    }

    [Fact]
    public void Abort_removes_what_the_job_wrote_and_nothing_else()
    {
        SaveCommit.Begin(Target);
        Write(Target, 0, 1, "a");
        SaveCommit.Abort(Target with { Job = JobId.New() });
        Assert.Equal(["_temporary", "part-00000"], Names());
        SaveCommit.Abort(Target);
        SaveCommit.Abort(Target);
        Assert.False(Path.Exists(Target.Path));

        SaveCommit.Begin(Target);
        Write(Target, 0, 1, "a");
        _folder.Write("out/notes", "somebody's");
        SaveCommit.Abort(Target);
        Assert.Equal(["notes"], Names());
    }

    [Fact]
    public void A_task_that_outlives_its_job_neither_publishes_nor_brings_the_target_back()
    {
        SaveCommit.Begin(Target);
        using (var late = new PartFile(Target, 0, new AttemptId(1)))
        {
            late.Content.Write("late"u8);
            SaveCommit.Abort(Target);
            Assert.ThrowsAny<IOException>(() => late.Commit());
        }

        Assert.Contains("share", Assert.Throws<IOException>(() => Write(Target, 0, 2, "later")).Message);
        Assert.False(Path.Exists(Target.Path));
    }

    [Fact]
    public void A_writer_that_is_not_committed_leaves_nothing()
    {
        SaveCommit.Begin(Target with { Compression = Compression.Gzip });
        using (var file = new PartFile(Target with { Compression = Compression.Gzip }, 0, new AttemptId(1)))
        {
            file.Content.Write("a"u8);
            Assert.Single(Directory.GetFiles(Target.JobDirectory, "part*"));
        }

        Assert.Empty(Directory.GetFiles(Target.JobDirectory));
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Gzip)]
    public void A_full_disk_is_an_error_and_nothing_of_the_part_remains(Compression compression)
    {
        var target = Target with { Compression = compression };
        string[] lines = [.. Enumerable.Range(0, 200_000).Select(i => $"{i * 7919L}")];
        SaveCommit.Begin(target);
        var error = Assert.Throws<IOException>(() =>
        {
            using var file = new PartFile(target, 0, new AttemptId(1), new FullDisk(room: 100_000));
            using var writer = new TextPartWriter<string>(file.Content, 0);
            writer.Write(lines);
            writer.Complete();
            file.Commit();
        });

        Assert.Contains("No space left", error.Message);
        Assert.Empty(Directory.GetFiles(target.JobDirectory));
        Assert.Equal(["_temporary"], Names());
    }

    private string[] Names() => SavedParts.Names(Target.Path);
}
