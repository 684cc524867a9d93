using System.Security.Cryptography;
using MicroSpark.Options;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Security;

/// <summary>
/// The secret that all processes of a cluster share, or two of them while it is being changed: <see cref="Current"/> is proved to others,
/// all of <see cref="Accepted"/> are accepted from them. One that came from a file is read again when the file changes. So the cluster
/// goes from one secret to another without a stop: first every file gets the new one as its second line, then as its first, then alone.
/// </summary>
internal sealed partial class ClusterSecret
{
    /// <summary>
    /// When a secret is needed, the file is read again if its time has changed, and in any case so long after it was read last: the time
    /// of a link is not that of the file behind it.
    /// </summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Whatever in this process asks second finds it read.
    private static readonly Lazy<string> s_input = new(static () => Console.In.ReadToEnd());

    private readonly string? _file;

    /// <summary>That names the file.</summary>
    private readonly string _setting;
    private readonly TimeProvider _time;
    private readonly Lock _looking = new();
    private volatile SecretKeys[] _keys;
    private string _text;
    private long _looked;
    private DateTime _written;
    private string? _problem;
    private string? _warning;
    private ILogger? _logger;

    private ClusterSecret(
        SecretKeys[] keys, string text, string? file, TimeProvider time, string setting = SecretFile.Setting, string? warning = null)
    {
        (_keys, _text, _file, _time, _setting, _warning) = (keys, text, file, time, setting, warning);
        _looked = time.GetTimestamp();
    }

    /// <summary>The keys of the secret that this process proves.</summary>
    public SecretKeys Current => Look()[0];

    /// <summary>The keys of the one or two secrets that it accepts.</summary>
    public IReadOnlyList<SecretKeys> Accepted => Look();

    /// <summary>The secrets of those who may do less than all; a worker's only.</summary>
    public IReadOnlyList<NamedSecret> Named { get; init; } = [];

    /// <summary>All keys by which a peer may prove that it is one, and who it is then.</summary>
    public IEnumerable<(SecretKeys Keys, Principal Principal)> Known
    {
        get
        {
            foreach (var keys in Accepted)
            {
                yield return (keys, Principal.Cluster);
            }

            foreach (var named in Named)
            {
                foreach (var keys in named.Secret.Accepted)
                {
                    yield return (keys, named.Principal);
                }
            }
        }
    }

    /// <summary>What tells apart the secrets by which somebody of this name is known now, and nothing else of them.</summary>
    public IEnumerable<string> IdentitiesOf(string name) =>
        Known.Where(one => one.Principal.Name == name).Select(static one => Convert.ToHexString(one.Keys.Identity));

    /// <summary>For silos of one process: nobody else ever learns it.</summary>
    public static ClusterSecret Random() => new([new SecretKeys(RandomNumberGenerator.GetBytes(32))], "", null, TimeProvider.System);

    /// <exception cref="InvalidSettingException">The text is no secret.</exception>
    public static ClusterSecret Of(string text, IReadOnlyList<NamedSecret>? named = null) =>
        new(SecretText.Parse(text, "Secret"), "", null, TimeProvider.System) { Named = named ?? [] };

    /// <summary>
    /// The secret that the options name: <c>Secret</c>, else the content of <c>SecretFile</c>, which is made when it is missing,
    /// or of standard input.
    /// </summary>
    /// <exception cref="InvalidSettingException">It is no secret, or the file is readable by others, or cannot be read or made.</exception>
    public static ClusterSecret Of(MicroSparkOptions options, TimeProvider? time = null)
    {
        if (options.Secret is { } given)
        {
            return Of(given);
        }

        if (options.SecretFile == SecretFile.StandardInput)
        {
            return new ClusterSecret(SecretText.Parse(s_input.Value, SecretFile.Setting), "", null, TimeProvider.System);
        }

        var path = SecretFile.PathOf(options.SecretFile);
        var text = SecretFile.ReadOrCreate(path, out var warning);
        return new ClusterSecret(
            SecretText.Parse(text, SecretFile.Setting, path), text, path, time ?? TimeProvider.System, warning: warning);
    }

    /// <summary>
    /// A worker's: the cluster's, and those that <see cref="MicroSparkOptions.Secrets"/> name.
    /// </summary>
    /// <exception cref="InvalidSettingException">One is no secret, or is another's too, or its file cannot be read.</exception>
    public static ClusterSecret OfWorker(MicroSparkOptions options, TimeProvider? time = null)
    {
        var own = Of(options, time);
        if (options.Secrets.Count == 0)
        {
            return own;
        }

        NamedSecret[] named = [.. options.Secrets.Select((one, i) => NamedOf(one, $"Secrets:{i}:File", time))];
        var all = new ClusterSecret(own._keys, own._text, own._file, own._time, own._setting, own._warning) { Named = named };
        var seen = new HashSet<string>();
        foreach (var (keys, principal) in all.Known)
        {
            if (!seen.Add(Convert.ToHexString(keys.Identity)) && principal != Principal.Cluster)
            {
                throw new InvalidSettingException(
                    "Secrets", principal.Name, "a secret of its own for each name, which is not the cluster's either. Make one with: "
                    + "microspark secret");
            }
        }

        return all;
    }

    private static NamedSecret NamedOf(SecretOptions one, string setting, TimeProvider? time)
    {
        var path = Path.GetFullPath(one.File);
        try
        {
            var text = SecretFile.Read(path, setting, out var warning);
            return new NamedSecret(
                new Principal(one.Name, RolesOfSettings.RightsOf(one.Role, one.Upload)),
                new ClusterSecret(SecretText.Parse(text, setting, path), text, path, time ?? TimeProvider.System, setting, warning));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidSettingException(setting, path, $"a file that this process can read ({e.Message})", e);
        }
    }

    /// <summary>Where it says that others can read its file, that it has changed, or cannot be read any more.</summary>
    public ClusterSecret LogTo(ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger<ClusterSecret>();
        LogWarning(_warning);
        foreach (var named in Named)
        {
            named.Secret.LogTo(loggers);
        }

        return this;
    }

    private SecretKeys[] Look()
    {
        if (_file is null || !_looking.TryEnter())
        {
            return _keys;
        }

        try
        {
            var written = File.GetLastWriteTimeUtc(_file);
            if (written == _written && _time.GetElapsedTime(_looked) < Interval)
            {
                return _keys;
            }

            (_written, _looked) = (written, _time.GetTimestamp());
            var text = SecretFile.Read(_file, _setting, out var warning);
            if (warning != _warning)
            {
                _warning = warning;
                LogWarning(warning);
            }

            if (text != _text)
            {
                _keys = SecretText.Parse(text, _setting, _file);
                _text = text;
                LogChanged(_logger, _file, _keys.Length);
            }

            _problem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidSettingException)
        {
            // A cluster does not stop for a file that is being changed; it goes on with what it knew, and says so once.
            if (_problem != e.Message)
            {
                _problem = e.Message;
                LogKept(_logger, _file, e.Message);
            }
        }
        finally
        {
            _looking.Exit();
        }

        return _keys;
    }

    private void LogWarning(string? warning)
    {
        if (_logger is not null && warning is not null)
        {
            LogSecretShown(_logger, warning);
        }
    }

    private static void LogChanged(ILogger? logger, string file, int count)
    {
        if (logger is not null)
        {
            LogSecretChanged(logger, file, count);
        }
    }

    private static void LogKept(ILogger? logger, string file, string problem)
    {
        if (logger is not null)
        {
            LogSecretKept(logger, file, problem);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogSecretShown(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The secret in {File} was changed; this process accepts {Count} now.")]
    private static partial void LogSecretChanged(ILogger logger, string file, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The secret in {File} cannot be read again, the one known stays: {Problem}")]
    private static partial void LogSecretKept(ILogger logger, string file, string problem);
}

/// <summary>A secret that is somebody's own.</summary>
internal sealed record NamedSecret(Principal Principal, ClusterSecret Secret);
