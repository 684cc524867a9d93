using MicroSpark.Client.Commands;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Ui;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Playwright;

namespace MicroSpark.Tests;

/// <summary>A worker with certificates, as a browser sees its page.</summary>
[Collection(BrowserCollection.Name)]
public sealed class TlsPageTests(BrowserFixture browser)
{
    [Fact]
    public async Task The_page_lives_under_https()
    {
        using var folder = new TemporaryFolder();
        var options = new MicroSparkOptions
        {
            Membership = { Provider = "Sqlite", ConnectionString = $"Data Source={folder.Path("cluster.db")};Pooling=False" },
            SecretFile = folder.Path("secret"),
            Slots = 2,
            Tls =
            {
                Authority = folder.Path("ca.pem"), Certificate = folder.Path("worker.pem"), Key = folder.Path("worker.key"),
                RequireClientCertificate = true,
            },
        };
        CertificateMaker.Make(new DirectoryInfo(folder.Path("")), options.ClusterId, TimeProvider.System);
        await using var silo = await SiloHostFactory.StartAsync(options, SiloMode.Worker(options));
        await using var window = await browser.OpenAsync(trusts: true);
        await window.EnterAsync(silo.Page.Invite(Viewer.Of(Principal.Cluster, control: true))!, "workers");
        Assert.StartsWith("https://127.0.0.1:", window.Page.Url, StringComparison.Ordinal);
        await window.UntilAsync("() => document.querySelector('.link').innerText === 'live' && document.querySelectorAll('.card').length === 1");
        var cookie = Assert.Single(await window.Page.Context.CookiesAsync());
        Assert.Equal((true, true, SameSiteAttribute.Strict), (cookie.Secure, cookie.HttpOnly, cookie.SameSite));
        window.AssertClean(silo.Page.Uri!.ToString());
    }

    [Fact]
    public async Task A_browser_that_does_not_know_the_authority_goes_no_further()
    {
        using var folder = new TemporaryFolder();
        CertificateMaker.Make(new DirectoryInfo(folder.Path("")), "microspark", TimeProvider.System);
        var options = new MicroSparkOptions
        {
            Tls = { Authority = folder.Path("ca.pem"), Certificate = folder.Path("worker.pem"), Key = folder.Path("worker.key") },
        };
        await using var scene = await Scene.StartAsync(1);
        await using var page = new UiServer(
            scene.Spark.Silos!.Silos[0].Services, new AuditLog(NullLoggerFactory.Instance, TimeProvider.System),
            TimeProvider.System, NullLoggerFactory.Instance);
        await page.StartAsync(0, new TlsFiles(options, PeerCertificate.WorkerRole), CancellationToken.None);
        await using var window = await browser.OpenAsync();
        var error = await Assert.ThrowsAsync<PlaywrightException>(() => window.Page.GotoAsync(page.Invite(Viewer.Of(Principal.Cluster, control: true))!));
        Assert.Contains("ERR_CERT_AUTHORITY_INVALID", error.Message, StringComparison.Ordinal);
    }
}
