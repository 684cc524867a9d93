using System.Text.Json;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Ui;
using MicroSpark.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Tests.Ui;

/// <summary>The page's requests without a server around them, and with a clock of the test's own.</summary>
public sealed class UiApplicationTests
{
    private const string Stream = "/api/v1/jobs/00000000000000000000000000000001/stream";

    private static readonly Viewer s_all = Viewer.Of(Principal.Cluster, control: true);

    private readonly ManualTime _time = new();
    private readonly UiAccess _access;
    private readonly UiApplication _page;
    private readonly FakeWorkers _workers;
    private readonly ListLogger _log = new();
    private int _looks;
    private bool _isDown;

    public UiApplicationTests()
    {
        _access = new UiAccess(_time);
        _workers = new FakeWorkers(_time);
        var silos = new SiloCalls(
            () =>
            {
                _looks++;
                return _isDown ? throw new SiloUnavailableException() : _workers.LiveAsync();
            },
            () => throw new NotSupportedException());
        _page = new UiApplication(_access, silos, new AuditLog(NullLoggerFactory.Instance, _time), _time, _log, CancellationToken.None);
    }

    [Fact]
    public async Task How_long_a_cookie_is_good_is_not_the_browsers_matter()
    {
        var entered = await AskAsync("/enter", null, query: $"?code={_access.NewCode(s_all)}");
        var cookie = entered.Response.Headers.SetCookie.ToString();
        Assert.StartsWith("microspark-4711=", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("max-age", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("cross-site", "document", false)]
    [InlineData("same-site", "document", false)]
    [InlineData("none", "iframe", false)]
    [InlineData("none", "document", true)]
    [InlineData("same-origin", "document", true)]
    [InlineData(null, null, true)]
    public async Task Another_sites_page_lets_no_browser_in_by_itself(string? site, string? kind, bool enters)
    {
        var code = _access.NewCode(s_all);
        var context = ContextOf("/enter", null);
        context.Request.QueryString = new QueryString($"?code={code}");
        if (site is not null)
        {
            (context.Request.Headers["Sec-Fetch-Site"], context.Request.Headers["Sec-Fetch-Dest"]) = (site, kind);
        }

        await _page.ProcessRequestAsync(context);
        Assert.Equal(StatusCodes.Status200OK, context.Response.StatusCode);
        Assert.Equal(enters, context.Response.Headers.SetCookie.Count == 1);

        // Who is asked first still has the link.
        var again = await AskAsync("/enter", null, query: $"?code={code}");
        Assert.Equal(enters ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK, again.Response.StatusCode);
    }

    [Fact]
    public async Task Nobody_takes_all_streams()
    {
        using var closing = new CancellationTokenSource();
        var cookies = Enumerable.Range(0, 4).Select(_ => Enter()).ToArray();
        var following = new List<(HttpContext Context, Task Task)>();
        for (var session = 0; session < 4; session++)
        {
            for (var i = 0; i < StreamLimit.OfSession; i++)
            {
                var context = ContextOf("/api/v1/events", cookies[session]);
                context.RequestAborted = closing.Token;
                following.Add((context, _page.ProcessRequestAsync(context)));
            }

            var more = await AskAsync("/api/v1/events", cookies[session]);
            Assert.Equal(StatusCodes.Status429TooManyRequests, more.Response.StatusCode);
        }

        // The last browser has none: its maker has three full ones. Somebody else's link still has its own.
        Assert.Equal(StreamLimit.OfName, following.Count(static one => one.Context.Response.StatusCode == StatusCodes.Status200OK));
        var other = ContextOf("/api/v1/events", _access.Redeem(_access.NewCode(s_all with { Name = "somebody" })));
        var theirs = _page.ProcessRequestAsync(other);
        Assert.False(theirs.IsCompleted);

        // Windows that are closed make room.
        await closing.CancelAsync();
        await Task.WhenAll(following.Select(static one => one.Task));
        var next = ContextOf("/api/v1/events", cookies[0]);
        Assert.False(_page.ProcessRequestAsync(next).IsCompleted);
    }

    /// <summary>On a thread without a context: what follows a look has run when time has passed.</summary>
    [Fact]
    public Task Who_follows_all_day_is_not_shut_out() => Task.Run(async () =>
    {
        var cookie = Enter();
        var following = _page.ProcessRequestAsync(ContextOf("/api/v1/events", cookie));
        for (var hour = 0; hour < 30; hour++)
        {
            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.False(following.IsCompleted);
        Assert.Equal(StatusCodes.Status200OK, (await AskAsync("/api/v1/session", cookie)).Response.StatusCode);
    });

    [Fact]
    public Task A_browser_that_makes_room_for_others_follows_no_more() => Task.Run(async () =>
    {
        var following = _page.ProcessRequestAsync(ContextOf("/api/v1/events", Enter()));
        for (var i = 0; i < 64; i++)
        {
            // Before any look: a browser that looks is not the oldest.
            _time.Advance(TimeSpan.FromTicks(1));
            Enter();
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(following.IsCompleted);
        await following;
    });

    [Fact]
    public Task A_stream_is_cut_off_when_the_cluster_does_not_answer() => Task.Run(async () =>
    {
        var context = ContextOf("/api/v1/events", Enter());
        var lifetime = new Lifetime();
        context.Features.Set<IHttpResponseFeature>(new BegunResponse());
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        var following = _page.ProcessRequestAsync(context);
        _isDown = true;
        _time.Advance(TimeSpan.FromSeconds(1));
        await following;
        Assert.True(lifetime.IsAborted);

        // It happens with each lost silo, for each viewer: nobody's fault.
        Assert.Empty(_log.Lines);
    });

    [Fact]
    public async Task Who_asks_a_cluster_that_does_not_answer_is_told_to_try_again()
    {
        var cookie = Enter();
        _isDown = true;
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, (await AskAsync("/api/v1/jobs", cookie)).Response.StatusCode);
        _isDown = false;
        Assert.Equal(StatusCodes.Status200OK, (await AskAsync("/api/v1/jobs", cookie)).Response.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/cluster")]
    [InlineData("/api/v1/datasets")]
    public async Task All_viewers_share_one_look(string path)
    {
        var cookie = Enter();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(StatusCodes.Status200OK, (await AskAsync(path, cookie)).Response.StatusCode);
        }

        Assert.Equal(1, _looks);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await AskAsync(path, cookie);
        Assert.Equal(2, _looks);
    }

    [Theory]
    [InlineData("?from=x")]
    [InlineData("?to=NaN")]
    [InlineData("?to=1e999")]
    [InlineData("?pixels=")]
    [InlineData("?pixels=1&pixels=2")]
    [InlineData("?from=0x10")]
    public async Task What_is_no_number_is_the_viewers_mistake(string query) =>
        Assert.Equal(StatusCodes.Status400BadRequest, (await AskAsync(Stream, Enter(), query: query)).Response.StatusCode);

    [Theory]
    [InlineData(80, "127.0.0.1", true)]
    [InlineData(80, "localhost", true)]
    [InlineData(80, "127.0.0.1:80", true)]
    [InlineData(80, "evil.example", false)]
    [InlineData(443, "127.0.0.1", false)]
    [InlineData(443, "127.0.0.1", true, "https")]
    [InlineData(443, "evil.example", false, "https")]
    [InlineData(80, "127.0.0.1", false, "https")]
    [InlineData(4711, "127.0.0.1", false)]
    [InlineData(4711, "127.0.0.1:80", false)]
    [InlineData(4711, ":4711", false)]
    public async Task A_browser_leaves_out_the_usual_port(int port, string host, bool isOwn, string scheme = "http")
    {
        var context = await AskAsync("/enter", null, context =>
        {
            context.Request.Scheme = scheme;
            context.Connection.LocalPort = port;
            context.Request.Host = new HostString(host);
        });
        Assert.Equal(isOwn ? StatusCodes.Status401Unauthorized : StatusCodes.Status421MisdirectedRequest, context.Response.StatusCode);
    }

    [Fact]
    public async Task The_document_of_the_calls_says_what_a_path_has_in_braces()
    {
        var context = await AskAsync("/api/v1/openapi.json", Enter());
        context.Response.Body.Position = 0;
        using var document = await JsonDocument.ParseAsync(context.Response.Body);
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            var parameters = path.Value.EnumerateObject().Single().Value.GetProperty("parameters").EnumerateArray()
                .Where(one => one.GetProperty("in").GetString() == "path").Select(one => $"{{{one.GetProperty("name").GetString()}}}");
            Assert.Equal(path.Name.Split('/').Where(part => part.StartsWith('{')), parameters);
        }
    }

    private string Enter() => _access.Redeem(_access.NewCode(s_all))!;

    private async Task<HttpContext> AskAsync(string path, string? cookie, Action<HttpContext>? change = null, string query = "")
    {
        var context = ContextOf(path, cookie);
        context.Request.QueryString = new QueryString(query);
        change?.Invoke(context);
        await _page.ProcessRequestAsync(context);
        return context;
    }

    private static DefaultHttpContext ContextOf(string path, string? cookie)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Get;
        context.Request.Path = path;
        context.Request.Host = new HostString("127.0.0.1", 4711);
        context.Connection.LocalPort = 4711;
        context.Response.Body = new MemoryStream();
        if (cookie is not null)
        {
            context.Request.Headers.Cookie = $"microspark-4711={cookie}";
        }

        return context;
    }

    private sealed class BegunResponse : HttpResponseFeature
    {
        public override bool HasStarted => true;
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public bool IsAborted { get; private set; }

        public void Abort() => IsAborted = true;
    }
}
