using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// Who may look. A link has a code of 128 bits that is good once and for ten minutes; a browser changes it for a cookie. Both are kept as
/// hashes only, so that nothing that this process writes, a dump aside, lets anybody in.
/// </summary>
internal sealed class UiAccess(TimeProvider time)
{
    /// <summary>How long a code is good.</summary>
    public static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(10);

    /// <summary>How long a browser that asks for nothing stays let in.</summary>
    public static readonly TimeSpan SessionLife = TimeSpan.FromHours(12);

    private const int CodeBytes = 16;
    private const int CookieBytes = 32;

    /// <summary>Codes that nobody has used, and browsers, at once: the oldest one makes room.</summary>
    private const int Most = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _codes = [];
    private readonly Dictionary<string, Entry> _sessions = [];

    /// <param name="control">Whether the browser that uses it may cancel jobs and unpersist.</param>
    public string NewCode(bool control) => Add(_codes, CodeBytes, control);

    /// <summary>Changes a code for a cookie; null when it is wrong, old or used.</summary>
    public string? Redeem(string code)
    {
        lock (_lock)
        {
            return _codes.Remove(Hash(code), out var entry) && time.GetElapsedTime(entry.Since) < CodeLife
                ? Add(_sessions, CookieBytes, entry.Control)
                : null;
        }
    }

    /// <summary>Whether a cookie lets somebody in, and whether to more than reading; null when it does not.</summary>
    public bool? ControlOf(string? cookie)
    {
        if (cookie is null)
        {
            return null;
        }

        lock (_lock)
        {
            var hash = Hash(cookie);
            if (!_sessions.TryGetValue(hash, out var entry))
            {
                return null;
            }

            if (time.GetElapsedTime(entry.Since) >= SessionLife)
            {
                _sessions.Remove(hash);
                return null;
            }

            _sessions[hash] = entry with { Since = time.GetTimestamp() };
            return entry.Control;
        }
    }

    private string Add(Dictionary<string, Entry> entries, int bytes, bool control)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));
        lock (_lock)
        {
            if (entries.Count == Most)
            {
                entries.Remove(entries.MinBy(static one => one.Value.Since).Key);
            }

            entries.Add(Hash(secret), new Entry(control, time.GetTimestamp()));
        }

        return secret;
    }

    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private readonly record struct Entry(bool Control, long Since);
}
