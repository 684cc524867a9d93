using System.Text.Json;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Options;

namespace MicroSpark.Grains.Archive;

/// <summary>
/// A folder with the event logs of jobs, a file for each. A file's name is the job's id and nothing else, so nobody who names a job can
/// name a file. It is written beside and moved into its place, so whoever reads meets whole logs only, and no link is ever followed.
/// Several silos may share a folder.
/// </summary>
internal sealed class ArchiveFolder
{
    /// <summary>What one log may take of the whole: one part in so many.</summary>
    public const int LogPart = 4;

    private const string Setting = "History:Directory";
    private const string Log = ".jsonl";
    private const string Unfinished = ".part";

    /// <summary>The last line of a log, with an error in it, is shorter.</summary>
    private const int LongestLine = 1 << 16;

    private static readonly TimeSpan s_abandoned = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly DirectoryInfo _folder;
    private readonly long _most;
    private readonly TimeSpan _age;
    private readonly TimeProvider _time;

    /// <summary>Of the files when they were last counted, and of those written since.</summary>
    private long _size;

    /// <exception cref="InvalidSettingException">There is no such folder and it cannot be made, or everybody may write to it.</exception>
    public ArchiveFolder(HistoryOptions options, TimeProvider time)
    {
        _ = ByteSize.TryParse(options.MaxSize, out _most);
        (_age, _time) = (options.MaxAge, time);
        try
        {
            var path = Path.GetFullPath(options.Directory!);
            _folder = OperatingSystem.IsWindows()
                ? Directory.CreateDirectory(path)
                : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InvalidSettingException(Setting, options.Directory, $"a folder that this process may write to ({e.Message})", e);
        }

        if (!OperatingSystem.IsWindows() && (_folder.UnixFileMode & UnixFileMode.OtherWrite) != 0)
        {
            throw new InvalidSettingException(Setting, options.Directory, "a folder that not everybody may write to (chmod o-w)");
        }
    }

    /// <summary>What one log may take.</summary>
    public long LargestLog => _most / LogPart;

    public static string NameOf(JobId job) => job + Log;

    /// <summary>A new file beside the logs, for this user alone.</summary>
    public FileStream Begin(JobId job)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(_folder.FullName, $"{job}.{Guid.NewGuid():N}{Unfinished}"), options);
    }

    /// <summary>
    /// Makes a file that was begun, and is closed, the job's log. The first one stays: when two say that they are a job, which ids that a
    /// client makes up allow, the second does not take the place of what the first one did.
    /// </summary>
    public void Commit(JobId job, string begun)
    {
        lock (_lock)
        {
            var size = new FileInfo(begun).Length;
            try
            {
                File.Move(begun, PathOf(job), overwrite: false);
            }
            catch (IOException) when (File.Exists(PathOf(job)))
            {
                File.Delete(begun);
                return;
            }

            _size += size;
            if (_size > _most)
            {
                Trim();
            }
        }
    }

    /// <summary>A part of a job's log; null when there is none.</summary>
    public LogPage? Read(JobId job, long from)
    {
        var file = new FileInfo(PathOf(job));
        if (!IsPlain(file))
        {
            return null;
        }

        try
        {
            using var stream = Open(file);
            stream.Position = Math.Min(from, stream.Length);
            var bytes = new byte[(int)Math.Min(Pages.Largest, stream.Length - stream.Position)];
            stream.ReadExactly(bytes);
            return new LogPage(bytes, stream.Position, stream.Position < stream.Length, file.LastWriteTimeUtc);
        }
        catch (Exception e) when (IsElsewhere(e))
        {
            return null;
        }
    }

    /// <summary>How the jobs of the newest logs ended, the oldest first. What is no log is left out.</summary>
    public List<JobSummary> Newest(int most)
    {
        var jobs = new List<JobSummary>();
        foreach (var file in Logs().OrderByDescending(static file => file.LastWriteTimeUtc).Take(most).Reverse())
        {
            try
            {
                if (LastLine(file) is { Length: > 0 } line)
                {
                    using var document = JsonDocument.Parse(line);
                    jobs.Add(JobLogReader.Summary(document.RootElement));
                }
            }
            catch (Exception e) when (JobLogReader.IsDamage(e) || IsElsewhere(e))
            {
                // It is no log: the others are listed.
            }
        }

        return jobs;
    }

    /// <summary>
    /// Takes away what is too old, and the oldest until what is left takes nine tenths of what it may: so not each new log is counted
    /// among all.
    /// </summary>
    public void Trim()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow().UtcDateTime;
            foreach (var file in _folder.EnumerateFiles("*" + Unfinished).Where(file => now - file.LastWriteTimeUtc >= s_abandoned))
            {
                file.Delete();
            }

            FileInfo[] logs = [.. Logs().OrderBy(static file => file.LastWriteTimeUtc)];
            _size = logs.Sum(static file => file.Length);
            var wanted = _size > _most ? _most / 10 * 9 : _most;
            foreach (var file in logs)
            {
                if (_size <= wanted && now - file.LastWriteTimeUtc < _age)
                {
                    break;
                }

                _size -= file.Length;
                file.Delete();
            }
        }
    }

    private string PathOf(JobId job) => Path.Combine(_folder.FullName, NameOf(job));

    private IEnumerable<FileInfo> Logs() => _folder.EnumerateFiles("*" + Log).Where(static file =>
        Guid.TryParseExact(file.Name[..^Log.Length], "N", out _) && IsPlain(file));

    /// <summary>Another silo has taken the file away meanwhile, or it is another user's.</summary>
    private static bool IsElsewhere(Exception e) => e is FileNotFoundException or UnauthorizedAccessException;

    /// <summary>Neither gone nor a link to something else.</summary>
    private static bool IsPlain(FileInfo file) => file.Exists && (file.Attributes & FileAttributes.ReparsePoint) == 0;

    private static FileStream Open(FileInfo file) =>
        new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);

    private static ReadOnlyMemory<byte> LastLine(FileInfo file)
    {
        using var stream = Open(file);
        stream.Position = Math.Max(0, stream.Length - LongestLine);
        var end = new byte[(int)(stream.Length - stream.Position)];
        stream.ReadExactly(end);
        var text = end.AsMemory()[..Math.Max(0, end.AsSpan().LastIndexOf((byte)'\n'))];
        return text[(text.Span.LastIndexOf((byte)'\n') + 1)..];
    }
}
