using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MicroSpark.Grains.Security;

namespace MicroSpark.Tests.Security;

/// <summary>An authority in a temporary folder, and what it issues.</summary>
internal sealed class TestCertificates : IDisposable
{
    public const string Cluster = "microspark";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-test-");
    private readonly X509Certificate2 _authority;
    private int _files;

    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=authority {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
        AuthorityFile = Write(_authority.ExportCertificatePem());
    }

    public string AuthorityFile { get; }

    public X509Certificate2Collection Authorities => [_authority];

    /// <param name="name">The URI name; null for none.</param>
    /// <param name="uses">Null for no word about them.</param>
    /// <param name="issuerAt">Where it says that its issuer's certificate is to be had.</param>
    /// <param name="loopback">Whether it names this host too.</param>
    public X509Certificate2 Issue(string? name, string[]? uses, DateTimeOffset? until = null, string? issuerAt = null, bool loopback = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=peer", key, HashAlgorithmName.SHA256);
        if (name is not null)
        {
            request.CertificateExtensions.Add(PeerCertificate.NameExtension(name, loopback));
        }

        if (issuerAt is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuerAt]));
        }

        if (uses is not null)
        {
            var oids = new OidCollection();
            Array.ForEach(uses, use => oids.Add(new Oid(use)));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, critical: false));
        }

        using var bare = request.Create(
            _authority, DateTimeOffset.UtcNow.AddDays(-1), until ?? DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(16));
        return bare.CopyWithPrivateKey(key);
    }

    public X509Certificate2 Worker(string cluster = Cluster) => Issue(
        PeerCertificate.NameOf(cluster, PeerCertificate.WorkerRole), [PeerCertificate.ServerUse, PeerCertificate.ClientUse]);

    /// <summary>As a browser accepts it too.</summary>
    public X509Certificate2 PageWorker() => Issue(
        PeerCertificate.NameOf(Cluster, PeerCertificate.WorkerRole), [PeerCertificate.ServerUse, PeerCertificate.ClientUse], loopback: true);

    public X509Certificate2 Client(string cluster = Cluster) => Issue(
        PeerCertificate.NameOf(cluster, PeerCertificate.ClientRole), [PeerCertificate.ClientUse]);

    /// <summary>Settings with that certificate, in one file with its key.</summary>
    public MicroSparkOptions Options(X509Certificate2? own, bool requireClients = true) => new()
    {
        Tls =
        {
            Authority = AuthorityFile,
            Certificate = own is null ? null : Write(PemOf(own)),
            RequireClientCertificate = own is not null && requireClients,
        },
    };

    public TlsFiles Files(X509Certificate2? own, bool requireClients = true) => new(Options(own, requireClients), role: null);

    public static string PemOf(X509Certificate2 certificate) =>
        $"{certificate.ExportCertificatePem()}\n{certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n";

    public string Write(string text)
    {
        var path = Path.Combine(_folder.FullName, $"{_files++}.pem");
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }
}
