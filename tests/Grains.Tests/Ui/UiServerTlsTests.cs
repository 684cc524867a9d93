using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Ui;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests.Ui;

/// <summary>A page with certificates is what a browser that trusts their authority goes to by https, and by nothing else.</summary>
public sealed class UiServerTlsTests : IAsyncDisposable, ILoggerFactory
{
    private readonly TestCertificates _certificates = new();
    private readonly Infrastructure.ManualTime _time = new();
    private readonly ListLogger _log = new();
    private readonly UiServer _page;
    private readonly MicroSparkOptions _options;

    public UiServerTlsTests()
    {
        _page = new UiServer(new ServiceCollection().BuildServiceProvider(), new AuditLog(this, TimeProvider.System), TimeProvider.System, this);
        using var own = _certificates.PageWorker();
        _options = _certificates.Options(own);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_browser_that_trusts_the_authority_is_let_in_without_a_certificate(string host)
    {
        await StartAsync();
        Assert.Equal("https", _page.Uri!.Scheme);
        Assert.True(_options.Tls.RequireClientCertificate);
        using var http = Client();
        var link = new UriBuilder(_page.Invite(Viewer.Of(Principal.Cluster, control: true))!) { Host = host }.Uri;
        using var entered = await http.GetAsync(link);
        Assert.Equal(HttpStatusCode.OK, entered.StatusCode);
        var cookie = Assert.Single(entered.Headers.GetValues("Set-Cookie"));
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith($"__Host-microspark-{link.Port}=", cookie, StringComparison.Ordinal);
        Assert.False(entered.Headers.Contains("Strict-Transport-Security"));

        // The page itself asks for a change; so does a page of plain http at the same port, which is another site.
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(http, link, $"https://{host}:{link.Port}"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(http, link, $"http://{host}:{link.Port}"));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Plain_http_is_refused()
    {
        await StartAsync();
        using var http = Client();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new UriBuilder(_page.Uri!) { Scheme = "http" }.Uri));
        Assert.Contains(_log.Lines, static line => line.Message.Contains("at the page: TLS was not agreed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_does_not_trust_the_authority_does_not_connect()
    {
        await StartAsync();
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(_page.Uri));
    }

    [Fact]
    public async Task A_certificate_that_is_renewed_is_shown_without_a_stop()
    {
        await StartAsync();
        var before = await SerialAsync();
        using var renewed = _certificates.PageWorker();
        await File.WriteAllTextAsync(_options.Tls.Certificate!, TestCertificates.PemOf(renewed));
        File.SetLastWriteTimeUtc(_options.Tls.Certificate!, DateTime.UtcNow.AddSeconds(5));
        Assert.Equal(before, await SerialAsync());
        _time.Advance(TlsFiles.Interval);
        Assert.Equal(renewed.SerialNumber, await SerialAsync());
        Assert.NotEqual(renewed.SerialNumber, before);
    }

    [Fact]
    public async Task A_certificate_that_does_not_name_this_host_is_told_of()
    {
        using var own = _certificates.Worker();
        _options.Tls.Certificate = _certificates.Options(own).Tls.Certificate;
        await StartAsync();
        Assert.Contains("DNS:localhost and IP:127.0.0.1", Assert.Single(_log.Lines).Message, StringComparison.Ordinal);
    }

    ILogger ILoggerFactory.CreateLogger(string categoryName) => _log;

    void ILoggerFactory.AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    void IDisposable.Dispose()
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        _certificates.Dispose();
    }

    private Task StartAsync() => _page.StartAsync(0, new TlsFiles(_options, PeerCertificate.WorkerRole, _time), CancellationToken.None);

    private HttpClient Client(Action<X509Certificate2>? shown = null) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = PeerCertificate.PolicyOf(_certificates.Authorities),
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            {
                shown?.Invoke((X509Certificate2)certificate!);
                return errors == SslPolicyErrors.None;
            },
        },
    });

    private async Task<string> SerialAsync()
    {
        var serial = "";
        using var http = Client(certificate => serial = certificate.SerialNumber);
        using var answer = await http.GetAsync(_page.Uri);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        return serial;
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, Uri link, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(link, "/api/v1/nothing"));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("microspark-page", "1");
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
