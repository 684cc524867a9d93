using System.Security.Cryptography.X509Certificates;
using MicroSpark.Grains.Security;

namespace MicroSpark.Tests.CommandLine;

/// <summary><c>certs</c> makes what a worker and a client accept of each other, and overwrites nothing.</summary>
public sealed class CertsCommandTests
{
    [Fact]
    public async Task It_makes_an_authority_a_worker_and_a_client()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "tls");

        var run = await ConsoleRun.OfAsync("certs", path, "--cluster-id", "Night shift");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(6, run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        X509Certificate2Collection authorities = [X509CertificateLoader.LoadCertificateFromFile(Path.Combine(path, "ca.pem"))];
        foreach (var (role, use) in new[] { ("worker", PeerCertificate.ServerUse), ("worker", PeerCertificate.ClientUse), ("client", PeerCertificate.ClientUse) })
        {
            using var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(path, $"{role}.pem"), Path.Combine(path, $"{role}.key"));
            Assert.Null(PeerCertificate.Problem(certificate, [], authorities, use, "Night shift", role));
            Assert.NotNull(PeerCertificate.Problem(certificate, [], authorities, use, "night shift", role));

            // A browser that is shown the worker's page looks at these.
            Assert.All(["localhost", "127.0.0.1"], host => Assert.Equal(role == "worker", certificate.MatchesHostname(host, allowCommonName: false)));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(path, "worker.key")));
        }

        var again = await ConsoleRun.OfAsync("certs", path);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("ca.pem", again.Error, StringComparison.Ordinal);
    }
}
