using System.Text.Json;

namespace MicroSpark.Client.Shell;

/// <summary>
/// What was entered, in this session and in those before it. Kept in a file that only the user can read, one JSON string a line, because an
/// entry may have several lines. A file that cannot be read or written costs the history, not the session.
/// </summary>
internal sealed class History
{
    private const int MostEntries = 1000;

    private readonly string? _path;
    private readonly List<string> _entries = [];
    private int _at;
    private string _typed = "";

    /// <param name="path">Null keeps nothing.</param>
    public History(string? path)
    {
        _path = path;
        if (path is not null && File.Exists(path))
        {
            Read(path);
        }

        _at = _entries.Count;
    }

    public IReadOnlyList<string> Entries => _entries;

    /// <summary>Where the history lies: <c>.microspark/history</c> in the user's home folder; null without one.</summary>
    public static string? DefaultPath =>
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home
            ? Path.Join(home, ".microspark", "history")
            : null;

    public void Add(string entry)
    {
        if (_entries.Count == 0 || _entries[^1] != entry)
        {
            _entries.Add(entry);
            Append(entry);
        }

        _at = _entries.Count;
    }

    /// <summary>The entry before the one shown; null at the first. <paramref name="typed"/> is kept for the way back.</summary>
    public string? Previous(string typed)
    {
        if (_at == 0)
        {
            return null;
        }

        _typed = _at == _entries.Count ? typed : _typed;
        return _entries[--_at];
    }

    /// <summary>The entry after the one shown, at last what was being typed; null when that is shown.</summary>
    public string? Next() =>
        _at == _entries.Count ? null
        : ++_at == _entries.Count ? _typed
        : _entries[_at];

    private void Read(string path)
    {
        try
        {
            foreach (var line in File.ReadLines(path).TakeLast(MostEntries))
            {
                if (TryParse(line) is { Length: > 0 } entry)
                {
                    _entries.Add(entry);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _entries.Clear();
        }
    }

    private static string? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(line);
        }
        catch (JsonException)
        {
            // A line that another program put there.
            return null;
        }
    }

    private void Append(string entry)
    {
        if (_path is null)
        {
            return;
        }

        try
        {
            var folder = Path.GetDirectoryName(_path)!;
            if (!Directory.Exists(folder))
            {
                _ = OperatingSystem.IsWindows()
                    ? Directory.CreateDirectory(folder)
                    : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            File.AppendAllText(_path, JsonSerializer.Serialize(entry) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Said once would be once too often at a prompt; the entry is still in memory.
            _ = e;
        }
    }
}
