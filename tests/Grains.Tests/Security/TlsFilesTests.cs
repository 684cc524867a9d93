using MicroSpark.Grains.Security;
using MicroSpark.Options;

namespace MicroSpark.Tests.Security;

/// <summary>Certificates come from files, and from them again when they change.</summary>
public sealed class TlsFilesTests : IDisposable
{
    private readonly TestCertificates _made = new();
    private readonly Infrastructure.ManualTime _time = new();

    [Fact]
    public void A_certificate_that_was_renewed_is_used_and_one_that_is_damaged_is_not()
    {
        var (old, renewed) = (_made.Worker(), _made.Worker());
        var options = _made.Options(old);
        var files = new TlsFiles(options, PeerCertificate.WorkerRole, _time);
        Assert.Equal(old.Thumbprint, files.Now.Own!.Thumbprint);

        foreach (var (text, expected) in new[] { ("-----BEGIN", old), (TestCertificates.PemOf(renewed), renewed) })
        {
            File.WriteAllText(options.Tls.Certificate!, text);
            File.SetLastWriteTimeUtc(options.Tls.Certificate!, DateTime.UtcNow.AddSeconds(text.Length));
            _time.Advance(TlsFiles.Interval);
            Assert.Equal(expected.Thumbprint, files.Now.Own!.Thumbprint);
        }
    }

    [Fact]
    public void A_PFX_file_and_its_password_are_read()
    {
        var worker = _made.Worker();
        var options = _made.Options(worker);
        options.Tls.Certificate = Path.ChangeExtension(options.Tls.Certificate!, ".pfx");
        options.Tls.PasswordFile = _made.Write("secret word\n");
        File.WriteAllBytes(options.Tls.Certificate, worker.Export(System.Security.Cryptography.X509Certificates.X509ContentType.Pfx, "secret word"));

        Assert.Equal(worker.Thumbprint, new TlsFiles(options, PeerCertificate.WorkerRole).Now.Own!.Thumbprint);
        options.Tls.PasswordFile = _made.Write("another");
        Assert.DoesNotContain("another", Assert.Throws<InvalidSettingException>(() => new TlsFiles(options, PeerCertificate.WorkerRole)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_missing_is_named()
    {
        var options = _made.Options(_made.Worker());
        options.Tls.Authority = "/nowhere/ca.pem";

        var error = Assert.Throws<InvalidSettingException>(() => new TlsFiles(options, PeerCertificate.WorkerRole));

        Assert.Contains("MicroSpark:Tls:Authority", error.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/ca.pem", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_others_would_refuse_is_refused_where_it_is_set()
    {
        using var theirs = new TestCertificates();
        foreach (var (own, why) in new[]
        {
            (_made.Client(), "is not valid"), (_made.Worker("other"), "has no name microspark://microspark/worker"),
            (theirs.Worker(), "not valid"), (_made.Issue(
                PeerCertificate.NameOf("microspark", "worker"), [PeerCertificate.ServerUse, PeerCertificate.ClientUse],
                DateTimeOffset.UtcNow.AddMinutes(-1)), "not valid"),
        })
        {
            var options = _made.Options(own);
            var error = Assert.Throws<InvalidSettingException>(() => new TlsFiles(options, PeerCertificate.WorkerRole));
            Assert.Contains("MicroSpark:Tls:Certificate", error.Message, StringComparison.Ordinal);
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
        }

        Assert.NotNull(new TlsFiles(_made.Options(_made.Client()), PeerCertificate.ClientRole).Now.Own);
    }

    /// <summary>A renewed certificate of an authority that the process does not know yet would shut everybody out.</summary>
    [Fact]
    public void A_renewed_certificate_that_others_would_refuse_is_not_used()
    {
        using var theirs = new TestCertificates();
        var old = _made.Worker();
        var options = _made.Options(old);
        var files = new TlsFiles(options, PeerCertificate.WorkerRole, _time);
        File.WriteAllText(options.Tls.Certificate!, TestCertificates.PemOf(theirs.Worker()));
        File.SetLastWriteTimeUtc(options.Tls.Certificate!, DateTime.UtcNow.AddSeconds(10));
        _time.Advance(TlsFiles.Interval);
        Assert.Equal(old.Thumbprint, files.Now.Own!.Thumbprint);
    }

    public void Dispose() => _made.Dispose();
}
