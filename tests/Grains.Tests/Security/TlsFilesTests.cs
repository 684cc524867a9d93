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
        File.Copy(_made.Write(""), options.Tls.Certificate);
        options.Tls.PasswordFile = _made.Write("secret word\n");
        File.WriteAllBytes(options.Tls.Certificate, worker.Export(System.Security.Cryptography.X509Certificates.X509ContentType.Pfx, "secret word"));

        Assert.Equal(worker.Thumbprint, new TlsFiles(options, PeerCertificate.WorkerRole).Now.Own!.Thumbprint);
        options.Tls.PasswordFile = _made.Write("another");
        Assert.DoesNotContain("another", Assert.Throws<InvalidSettingException>(() => new TlsFiles(options, PeerCertificate.WorkerRole)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Certificate")]
    [InlineData("Key")]
    [InlineData("PasswordFile")]
    public void What_is_as_good_as_the_key_is_its_owners_alone(string setting)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var worker = _made.Worker();
        var options = _made.Options(worker);
        options.Tls.Key = setting == "Key" ? _made.Write(TestCertificates.PemOf(worker)) : null;
        options.Tls.PasswordFile = setting == "PasswordFile" ? _made.Write("word") : null;
        var file = setting switch { "Key" => options.Tls.Key!, "PasswordFile" => options.Tls.PasswordFile!, _ => options.Tls.Certificate! };
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var error = Assert.Throws<InvalidSettingException>(() => new TlsFiles(options, PeerCertificate.WorkerRole));
        Assert.Contains($"MicroSpark:Tls:{setting}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"chmod 600 \"{file}\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_renewed_key_that_others_can_read_is_not_used()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var old = _made.Worker();
        var options = _made.Options(old);
        var files = new TlsFiles(options, PeerCertificate.WorkerRole, _time);
        File.WriteAllText(options.Tls.Certificate!, TestCertificates.PemOf(_made.Worker()));
        File.SetUnixFileMode(options.Tls.Certificate!, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        File.SetLastWriteTimeUtc(options.Tls.Certificate!, DateTime.UtcNow.AddSeconds(7));
        _time.Advance(TlsFiles.Interval);
        Assert.Equal(old.Thumbprint, files.Now.Own!.Thumbprint);
    }

    [Fact]
    public void An_authority_that_others_can_change_is_refused()
    {
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(_made.AuthorityFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            var options = _made.Options(_made.Worker());
            Assert.NotNull(new TlsFiles(options, PeerCertificate.WorkerRole));
            File.SetUnixFileMode(_made.AuthorityFile, UnixFileMode.UserRead | UnixFileMode.OtherWrite);
            var error = Assert.Throws<InvalidSettingException>(() => new TlsFiles(options, PeerCertificate.WorkerRole));
            Assert.Contains("MicroSpark:Tls:Authority", error.Message, StringComparison.Ordinal);
        }
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
