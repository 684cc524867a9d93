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
        var files = new TlsFiles(options, _time);
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

        Assert.Equal(worker.Thumbprint, new TlsFiles(options).Now.Own!.Thumbprint);
        options.Tls.PasswordFile = _made.Write("another");
        Assert.DoesNotContain("another", Assert.Throws<InvalidSettingException>(() => new TlsFiles(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_missing_is_named()
    {
        var options = _made.Options(_made.Worker());
        options.Tls.Authority = "/nowhere/ca.pem";

        var error = Assert.Throws<InvalidSettingException>(() => new TlsFiles(options));

        Assert.Contains("MicroSpark:Tls:Authority", error.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/ca.pem", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _made.Dispose();
}
