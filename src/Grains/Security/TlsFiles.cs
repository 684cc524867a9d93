using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MicroSpark.Options;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Grains.Security;

/// <summary>
/// The certificates that the settings name: this process's own with its key, and the cluster's authority. They are read again when their
/// files change, so that a certificate is renewed without a stop; one that cannot be read changes nothing.
/// </summary>
internal sealed partial class TlsFiles
{
    /// <summary>How often the files are looked at, at most.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly TlsOptions _options;
    private readonly string? _role;
    private readonly TimeProvider _time;
    private ILogger _logger = NullLogger.Instance;
    private readonly Lock _looking = new();
    private volatile Material _now;
    private long _looked;
    private long _stamp;
    private string? _problem;
    private string? _warning;

    /// <param name="role">As what the others of the cluster are to accept its own certificate; null when nobody asks.</param>
    /// <exception cref="InvalidSettingException">A file cannot be read, or is not what its setting says.</exception>
    public TlsFiles(MicroSparkOptions options, string? role, TimeProvider? time = null)
    {
        (_options, _role, _time) = (options.Tls, role, time ?? TimeProvider.System);
        Cluster = options.ClusterId;
        _stamp = Stamp();
        _now = Read();
        _looked = _time.GetTimestamp();
    }

    /// <summary>Whose certificates count.</summary>
    public string Cluster { get; }

    public bool RequireClientCertificate => _options.RequireClientCertificate;

    public Material Now
    {
        get
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _looked)) >= Interval && _looking.TryEnter())
            {
                try
                {
                    Look();
                }
                finally
                {
                    _looking.Exit();
                }
            }

            return _now;
        }
    }

    /// <summary>Where it says that others can read a key, that the files have changed, or cannot be read any more.</summary>
    public TlsFiles LogTo(ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger<TlsFiles>();
        LogWarning(_warning);
        return this;
    }

    /// <summary>Why whoever called may not come in at this door; null when he may.</summary>
    /// <param name="peer">Null when he sent none.</param>
    /// <param name="required">Whether he must have one.</param>
    public string? ProblemOf(X509Certificate2? peer, X509Certificate2Collection sent, bool required, params ReadOnlySpan<string> roles) =>
        peer is null
            ? required ? "it has no certificate" : null
            : PeerCertificate.Problem(peer, sent, Now.Authorities, PeerCertificate.ClientUse, Cluster, roles);

    /// <summary>
    /// The same at a door for clients and workers, where <see cref="RequireClientCertificate"/> says whether there must be a certificate.
    /// </summary>
    /// <param name="limit">Who he is by his certificate; null when it limits nothing.</param>
    public string? ProblemOfCaller(X509Certificate2? peer, X509Certificate2Collection sent, out Principal? limit)
    {
        limit = PeerCertificate.PrincipalOf(peer, Cluster);
        return ProblemOf(
            peer, sent, RequireClientCertificate, [.. PeerCertificate.ClientRoles, PeerCertificate.WorkerRole]);
    }

    private void Look()
    {
        Volatile.Write(ref _looked, _time.GetTimestamp());
        try
        {
            var stamp = Stamp();
            if (stamp != _stamp)
            {
                (_now, _stamp, _problem) = (Read(), stamp, null);
                LogChanged(_logger, _options.Certificate);
            }
        }
        catch (Exception e) when (e is InvalidSettingException or IOException or UnauthorizedAccessException)
        {
            // Perhaps only half of it is there yet: it is looked at again.
            if (_problem != e.Message)
            {
                _problem = e.Message;
                LogKept(_logger, e.Message);
            }
        }
    }

    /// <summary>Of the files behind links, too: a mounted secret changes what its links lead to.</summary>
    private long Stamp()
    {
        var hash = new HashCode();
        foreach (var file in new[] { _options.Certificate, _options.Key, _options.Authority, _options.PasswordFile })
        {
            if (file is not null)
            {
                var target = File.Exists(file) ? File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file : file;
                hash.Add(target);
                hash.Add(File.GetLastWriteTimeUtc(target));
            }
        }

        return hash.ToHashCode();
    }

    private Material Read()
    {
        var warning = CheckFiles();
        if (warning != _warning)
        {
            _warning = warning;
            LogWarning(warning);
        }

        var authorities = ReadFile("Tls:Authority", _options.Authority!, "the authority's certificate in PEM", static path =>
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPemFile(path);
            return found;
        });
        if (authorities.Count == 0)
        {
            throw new InvalidSettingException(
                "Tls:Authority", _options.Authority, "a PEM file with the certificate of the cluster's authority");
        }

        return _options.Certificate is { } file
            ? Check(ReadFile(
                "Tls:Certificate", file, "a certificate in PEM with its key in Tls:Key, or a PFX file",
                path => new Material(ReadOwn(path), ReadChain(path), authorities)))
            : new Material(null, [], authorities);
    }

    /// <summary>Whoever can change the authority lets himself in, and whoever can read a key is this process.</summary>
    /// <returns>What is to be told of them; null when there is nothing.</returns>
    private string? CheckFiles()
    {
        var warnings = new[]
        {
            PrivateFile.Check(_options.Authority!, "Tls:Authority", secret: false),
            _options.Certificate is { } own ? PrivateFile.Check(own, "Tls:Certificate", secret: _options.Key is null) : null,
            _options.Key is { } key ? PrivateFile.Check(key, "Tls:Key") : null,
            _options.PasswordFile is { } password ? PrivateFile.Check(password, "Tls:PasswordFile") : null,
        };
        return Array.Find(warnings, static w => w is not null);
    }

    private void LogWarning(string? warning)
    {
        if (warning is not null)
        {
            LogShown(_logger, warning);
        }
    }

    /// <summary>What others would refuse is refused here, where its owner reads why.</summary>
    private Material Check(Material read)
    {
        var problem = _role switch
        {
            null => null,
            PeerCertificate.WorkerRole => ProblemAs(PeerCertificate.ServerUse, _role) ?? ProblemAs(PeerCertificate.ClientUse, _role),
            _ => ProblemAs(PeerCertificate.ClientUse, [.. PeerCertificate.ClientRoles, PeerCertificate.WorkerRole]),
        };
        return problem is null ? read : throw new InvalidSettingException(
            "Tls:Certificate", _options.Certificate,
            $"a certificate that the others of cluster \"{Cluster}\" accept as a {_role}'s; {problem}");

        string? ProblemAs(string use, params ReadOnlySpan<string> roles) =>
            PeerCertificate.Problem(read.Own!, read.Chain, read.Authorities, use, Cluster, roles);
    }

    private X509Certificate2 ReadOwn(string path)
    {
        var password = _options.PasswordFile is { } secret ? File.ReadAllText(secret).TrimEnd('\r', '\n') : null;
        if (IsPfx(path))
        {
            return X509CertificateLoader.LoadPkcs12FromFile(path, password);
        }

        var key = _options.Key ?? path;
        var made = password is null
            ? X509Certificate2.CreateFromPemFile(path, key)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, key);
        if (!OperatingSystem.IsWindows())
        {
            return made;
        }

        // Its TLS takes no key that is only in memory.
        using (made)
        {
            return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), password: null);
        }
    }

    private static X509Certificate2Collection ReadChain(string path)
    {
        var chain = new X509Certificate2Collection();
        if (!IsPfx(path))
        {
            chain.ImportFromPemFile(path);
            if (chain.Count > 0)
            {
                chain.RemoveAt(0);
            }
        }

        return chain;
    }

    private static bool IsPfx(string path) => Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12";

    private static T ReadFile<T>(string setting, string path, string expected, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new InvalidSettingException(setting, path, $"{expected} ({e.Message})", e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogShown(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificates have changed; {Certificate} is used from now on.")]
    private static partial void LogChanged(ILogger logger, string? certificate);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificates cannot be read again, the ones known stay: {Problem}")]
    private static partial void LogKept(ILogger logger, string problem);

    /// <param name="Own">Null for a client without one.</param>
    /// <param name="Chain">Between it and the authority.</param>
    internal sealed record Material(
        X509Certificate2? Own, X509Certificate2Collection Chain, X509Certificate2Collection Authorities)
    {
        /// <summary>As it is sent; null when there is none.</summary>
        public SslStreamCertificateContext? Context { get; } =
            Own is null ? null : SslStreamCertificateContext.Create(Own, Chain, offline: true);
    }
}
