using System.Text;
using MicroSpark.Grains.Archive;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Archive;

/// <summary>Logs have bounds and one reader, and whatever else lies in their folder is left alone.</summary>
public sealed class ArchiveFolderTests : IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("microspark-archive-");
    private readonly ManualTime _time = new();

    private string Folder => Path.Combine(_place.FullName, "jobs");

    public void Dispose() => _place.Delete(recursive: true);

    [Fact]
    public void A_log_is_its_owners_and_its_name_is_the_job()
    {
        var (folder, job) = (Open(), JobId.New());
        Write(folder, job, "one\n");
        Assert.Equal([$"{job}.jsonl"], Directory.GetFiles(Folder).Select(Path.GetFileName));
        var page = folder.Read(job, 2)!;
        Assert.Equal(("e\n", 4L, false), (Encoding.UTF8.GetString(page.Bytes), page.Next, page.More));
        Assert.Null(folder.Read(JobId.New(), 0));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf(job)));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        }
    }

    [Fact]
    public void The_oldest_logs_make_room()
    {
        var folder = Open("1MB");
        var jobs = Enumerable.Range(0, 5).Select(_ => JobId.New()).ToArray();
        for (var i = 0; i < jobs.Length; i++)
        {
            Write(folder, jobs[i], new string('x', 300_000), TimeSpan.FromMinutes(i));
        }

        folder.Trim();
        Assert.Equal([false, false, true, true, true], jobs.Select(job => File.Exists(PathOf(job))));
    }

    [Fact]
    public void What_is_too_old_goes()
    {
        var (folder, old, young) = (Open(), JobId.New(), JobId.New());
        Write(folder, old, "x", TimeSpan.Zero);
        Write(folder, young, "x", TimeSpan.FromHours(2));
        _time.Advance(TimeSpan.FromHours(25));
        folder.Trim();
        Assert.Equal((false, true), (File.Exists(PathOf(old)), File.Exists(PathOf(young))));
    }

    [Fact]
    public void Strangers_files_are_neither_read_nor_taken_away()
    {
        var (folder, linked) = (Open(), JobId.New());
        var secret = Path.Combine(_place.FullName, "secret");
        File.WriteAllText(secret, "secret");
        File.CreateSymbolicLink(PathOf(linked), secret);
        var other = Path.Combine(Folder, "notes.jsonl");
        File.WriteAllText(other, "{}\n");
        var damaged = JobId.New();
        Write(folder, damaged, "\0\0 no log\n", TimeSpan.FromHours(47));
        _time.Advance(TimeSpan.FromHours(48));
        File.SetLastWriteTimeUtc(other, _time.GetUtcNow().UtcDateTime - TimeSpan.FromHours(48));

        Assert.Null(folder.Read(linked, 0));
        Assert.Empty(folder.Newest(10));
        folder.Trim();
        Assert.Equal((true, true, true), (File.Exists(secret), File.Exists(other), File.Exists(PathOf(damaged))));

        // A log that is written replaces the link, and not what it led to.
        Write(folder, linked, "log\n", TimeSpan.FromHours(48));
        Assert.Equal("secret", File.ReadAllText(secret));
    }

    [Fact]
    public void What_a_crash_left_behind_goes_after_an_hour()
    {
        var folder = Open();
        using (var file = folder.Begin(JobId.New()))
        {
            file.WriteByte(1);
        }

        var left = Assert.Single(Directory.GetFiles(Folder));
        File.SetLastWriteTimeUtc(left, _time.GetUtcNow().UtcDateTime);
        folder.Trim();
        Assert.True(File.Exists(left));
        _time.Advance(TimeSpan.FromHours(1));
        folder.Trim();
        Assert.False(File.Exists(left));
    }

    [Fact]
    public void A_folder_that_cannot_be_trusted_or_made_is_refused()
    {
        File.WriteAllText(Folder, "a file");
        Assert.Equal("MicroSpark:History:Directory", Assert.Throws<InvalidSettingException>(() => Open()).Setting);
        File.Delete(Folder);
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Folder);
            File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherWrite);
            Assert.Contains("not everybody", Assert.Throws<InvalidSettingException>(() => Open()).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_first_log_of_a_job_stays()
    {
        var (folder, job) = (Open(), JobId.New());
        Write(folder, job, "first\n");
        Write(folder, job, "of somebody else who says that he is the job\n");
        Assert.Equal("first\n", File.ReadAllText(PathOf(job)));
        Assert.Single(Directory.GetFiles(Folder));
    }

    private ArchiveFolder Open(string size = "16MB") => new(
        new HistoryOptions { Directory = Folder, MaxSize = size, MaxAge = TimeSpan.FromHours(24) }, _time);

    private string PathOf(JobId job) => Path.Combine(Folder, ArchiveFolder.NameOf(job));

    private void Write(ArchiveFolder folder, JobId job, string text, TimeSpan written = default)
    {
        string begun;
        using (var file = folder.Begin(job))
        {
            begun = file.Name;
            file.Write(Encoding.UTF8.GetBytes(text));
        }

        File.SetLastWriteTimeUtc(begun, DateTime.UnixEpoch + written);
        folder.Commit(job, begun);
    }
}
