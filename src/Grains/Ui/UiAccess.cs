using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// Who may look. A link has a code of 128 bits that is good once and for ten minutes; a browser changes it for a cookie. Both are kept as
/// hashes only, so that nothing that this process writes, a dump aside, lets anybody in.
/// </summary>
/// <param name="secretsOf">
/// What tells apart the secrets that somebody has now. Who was let in under some of them is let out when none of those counts any more.
/// Null, or none, where no secret stands behind a name: a terminal, or a name that a certificate gives.
/// </param>
internal sealed class UiAccess(TimeProvider time, Func<string, IEnumerable<string>>? secretsOf = null)
{
    /// <summary>How long a code is good.</summary>
    public static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(10);

    /// <summary>How long a browser that asks for nothing stays let in.</summary>
    public static readonly TimeSpan SessionLife = TimeSpan.FromHours(12);

    private const int CodeBytes = 16;
    private const int CookieBytes = 32;

    /// <summary>
    /// Codes that nobody has used, and browsers, at once. Whoever has most of them makes room with his oldest one: who makes many links
    /// shuts out nobody but himself.
    /// </summary>
    private const int Most = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _codes = [];
    private readonly Dictionary<string, Entry> _sessions = [];

    /// <param name="viewer">Who the browser that uses it will be.</param>
    public string NewCode(Viewer viewer) => Add(_codes, CodeBytes, viewer, [.. secretsOf?.Invoke(viewer.Name) ?? []]);

    /// <summary>Changes a code for a cookie; null when it is wrong, old or used.</summary>
    public string? Redeem(string code)
    {
        lock (_lock)
        {
            return _codes.Remove(Hash(code), out var entry) && time.GetElapsedTime(entry.Since) < CodeLife && IsCurrent(entry)
                ? Add(_sessions, CookieBytes, entry.Viewer, entry.Secrets)
                : null;
        }
    }

    /// <summary>Whom a cookie lets in; null when it is nobody's.</summary>
    public Viewer? ViewerOf(string? cookie)
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

            if (time.GetElapsedTime(entry.Since) >= SessionLife || !IsCurrent(entry))
            {
                _sessions.Remove(hash);
                return null;
            }

            _sessions[hash] = entry with { Since = time.GetTimestamp() };
            return entry.Viewer;
        }
    }

    private bool IsCurrent(Entry entry) =>
        entry.Secrets.Length == 0 || secretsOf is null || secretsOf(entry.Viewer.Name).Any(entry.Secrets.Contains);

    private string Add(Dictionary<string, Entry> entries, int bytes, Viewer viewer, string[] secrets)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));
        lock (_lock)
        {
            if (entries.Count == Most)
            {
                var most = entries.GroupBy(static one => one.Value.Viewer.Name).MaxBy(static one => one.Count())!;
                entries.Remove(most.MinBy(static one => one.Value.Since).Key);
            }

            entries.Add(Hash(secret), new Entry(viewer, time.GetTimestamp(), secrets));
        }

        return secret;
    }

    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private readonly record struct Entry(Viewer Viewer, long Since, string[] Secrets);
}
