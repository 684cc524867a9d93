using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MicroSpark.Tests;

/// <summary>The page below a path of an application, which says who may look and who may change.</summary>
public sealed class MountedPageTests
{
    [Fact]
    public async Task Whoever_the_application_lets_in_sees_the_cluster()
    {
        await using var app = await StartAsync(static app => app.MapMicroSpark("/spark").RequireAuthorization());
        using var client = ClientOf(app, "reader");
        var moved = await client.GetAsync("/spark");
        Assert.Equal((HttpStatusCode.Redirect, "/spark/"), (moved.StatusCode, moved.Headers.Location?.ToString()));
        var page = await client.GetStringAsync("/spark/");
        Assert.Contains("./assets/start.js", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\"/assets", page, StringComparison.Ordinal);
        Assert.Contains("export", await client.GetStringAsync("/spark/assets/feed.js"), StringComparison.Ordinal);
        Assert.False((await JsonAsync(client, "/spark/api/v1/session")).GetProperty("control").GetBoolean());
        Assert.Equal("be=2 not=1 or=1 to=2", await app.Services.GetRequiredService<MicroSparkContext>().CountAsync());
        var cluster = await JsonAsync(client, "/spark/api/v1/cluster");
        Assert.Equal(1, cluster.GetProperty("workers").GetArrayLength());
        var job = (await JsonAsync(client, "/spark/api/v1/jobs"))[0].GetProperty("id").GetString();
        Assert.Equal(job, (await JsonAsync(client, $"/spark/api/v1/jobs/{job}")).GetProperty("job").GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/spark/none")).StatusCode);
    }

    [Fact]
    public async Task Events_come_until_the_application_stops()
    {
        var app = await StartAsync(static app => app.MapMicroSpark());
        using var client = ClientOf(app, "reader");
        await using var events = await client.GetStreamAsync("/spark/api/v1/events");
        using var lines = new StreamReader(events);
        Assert.Equal("retry: 250", await lines.ReadLineAsync());
        Assert.StartsWith("data: {", await lines.ReadLineAsync(), StringComparison.Ordinal);
        await app.DisposeAsync();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await lines.ReadLineAsync() is not null)
            {
            }

            throw new IOException("the end");
        });
    }

    /// <summary>It went on for as long as the browser's window, whoever had signed out.</summary>
    [Fact]
    public async Task A_stream_ends_so_that_the_application_is_asked_again()
    {
        var time = new ShiftedTime();
        await using var app = await StartAsync(static app => app.MapMicroSpark(), time);
        using var client = ClientOf(app, "reader");
        await using var events = await client.GetStreamAsync("/spark/api/v1/events");
        using var lines = new StreamReader(events);
        Assert.Equal("retry: 250", await lines.ReadLineAsync());
        time.Shift = TimeSpan.FromSeconds(31);
        while (await lines.ReadLineAsync() is not null)
        {
        }

        using var nobody = ClientOf(app, null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/spark/api/v1/events")).StatusCode);
    }

    [Fact]
    public async Task Nobody_else_is_let_in_or_may_change_anything()
    {
        await using var app = await StartAsync(static app => app.MapMicroSpark("/ops/spark", static user => user.IsInRole("admin")));
        using var nobody = ClientOf(app, null);
        foreach (var path in new[] { "/ops/spark/", "/ops/spark/assets/app.js", "/ops/spark/api/v1/cluster", "/ops/spark/api/v1/events" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(path)).StatusCode);
        }

        using var reader = ClientOf(app, "reader");
        using var admin = ClientOf(app, "admin");
        var own = admin.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.Equal(HttpStatusCode.Forbidden, await CancelAsync(reader, own, "1"));
        Assert.Equal(HttpStatusCode.Forbidden, await CancelAsync(admin, "http://elsewhere.example", "1"));
        Assert.Equal(HttpStatusCode.Forbidden, await CancelAsync(admin, null, "1"));
        Assert.Equal(HttpStatusCode.Forbidden, await CancelAsync(admin, own, null));
        Assert.Equal(HttpStatusCode.NoContent, await CancelAsync(admin, own, "1"));
        Assert.True((await JsonAsync(admin, "/ops/spark/api/v1/session")).GetProperty("control").GetBoolean());
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await admin.PutAsync("/ops/spark/", null)).StatusCode);

        static async Task<HttpStatusCode> CancelAsync(HttpClient client, string? origin, string? header)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/ops/spark/api/v1/jobs/{new string('0', 32)}/cancel");
            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            if (header is not null)
            {
                request.Headers.Add("microspark-page", header);
            }

            return (await client.SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public async Task Anonymous_users_are_let_in_when_the_application_says_so()
    {
        await using var app = await StartAsync(static app => app.MapMicroSpark("/").AllowAnonymous());
        using var nobody = ClientOf(app, null);
        Assert.Equal(1, (await JsonAsync(nobody, "/api/v1/cluster")).GetProperty("workers").GetArrayLength());
        Assert.Contains("./assets/start.js", await nobody.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_said_when_it_is_mapped()
    {
        var builder = WebApplication.CreateSlimBuilder();
        await using var app = builder.Build();
        Assert.Contains("AddMicroSpark()", Assert.Throws<InvalidOperationException>(() => app.MapMicroSpark()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => app.MapMicroSpark("/{tenant}"));
    }

    private static async Task<JsonElement> JsonAsync(HttpClient client, string path)
    {
        using var document = JsonDocument.Parse(await client.GetStringAsync(path));
        return document.RootElement.Clone();
    }

    private static HttpClient ClientOf(WebApplication app, string? user)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(address) };
        if (user is not null)
        {
            client.DefaultRequestHeaders.Add(ByHeader.Header, user);
        }

        return client;
    }

    private static async Task<WebApplication> StartAsync(Action<WebApplication> map, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMicroSpark();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddAuthentication(ByHeader.Header).AddScheme<AuthenticationSchemeOptions, ByHeader>(ByHeader.Header, null);
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        map(app);
        await app.StartAsync();
        return app;
    }

    /// <summary>The system's, which a test sets forward.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private long _shift;

        public TimeSpan Shift
        {
            set => Interlocked.Exchange(ref _shift, (long)(value.TotalSeconds * TimestampFrequency));
        }

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _shift);
    }

    /// <summary>An application's authentication: the header says who it is, and in what role.</summary>
    private sealed class ByHeader(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, System.Text.Encodings.Web.UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        public const string Header = "test-user";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers[Header] is [{ } user]
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Role, user)], Header)), Header))
                : AuthenticateResult.NoResult());
    }
}
