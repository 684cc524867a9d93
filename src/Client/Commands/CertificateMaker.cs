using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MicroSpark.Grains.Security;

namespace MicroSpark.Client.Commands;

/// <summary>An authority and certificates of it, for a trial: whoever has a company's own authority uses that.</summary>
internal static class CertificateMaker
{
    private static readonly TimeSpan s_before = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_life = TimeSpan.FromDays(365);

    /// <summary>Writes <c>ca.pem</c>, and for worker and client a <c>.pem</c> and a <c>.key</c> each; keys for this user alone.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="IOException">One is there already.</exception>
    public static IReadOnlyList<string> Make(DirectoryInfo folder, string cluster, TimeProvider time)
    {
        folder.Create();
        var now = time.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=MicroSpark trial authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var authority = request.CreateSelfSigned(now - s_before, now + s_life);
        return
        [
            Write(folder, "ca.pem", authority.ExportCertificatePem(), secret: false),
            Write(folder, "ca.key", authorityKey.ExportPkcs8PrivateKeyPem(), secret: true),
            .. Issue(folder, authority, cluster, PeerCertificate.WorkerRole, [PeerCertificate.ServerUse, PeerCertificate.ClientUse]),
            .. Issue(folder, authority, cluster, PeerCertificate.ClientRole, [PeerCertificate.ClientUse]),
        ];
    }

    private static string[] Issue(DirectoryInfo folder, X509Certificate2 authority, string cluster, string role, string[] uses)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={role}", key, HashAlgorithmName.SHA256);
        var purposes = new OidCollection();
        foreach (var use in uses)
        {
            purposes.Add(new Oid(use));
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, critical: false));
        request.CertificateExtensions.Add(PeerCertificate.NameExtension(
            PeerCertificate.NameOf(cluster, role), loopback: role == PeerCertificate.WorkerRole));
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(16));
        return
        [
            Write(folder, $"{role}.pem", certificate.ExportCertificatePem(), secret: false),
            Write(folder, $"{role}.key", key.ExportPkcs8PrivateKeyPem(), secret: true),
        ];
    }

    private static string Write(DirectoryInfo folder, string name, string text, bool secret)
    {
        var path = Path.Combine(folder.FullName, name);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (secret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(text);
        writer.Write('\n');
        return path;
    }
}
