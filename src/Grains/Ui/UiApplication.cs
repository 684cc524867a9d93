using System.Globalization;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// The requests of the page. Before any of them is answered: the Host is this server's own name, so that no name that somebody points at
/// 127.0.0.1 is taken for it; an Origin, where there is one, is the page itself; and a cookie says who it is. What changes anything is a
/// POST with a header that other sites' forms cannot send.
/// </summary>
/// <param name="uri">Where the server listens.</param>
internal sealed partial class UiApplication(
    Func<Uri> uri, UiAccess access, ClusterFeed feed, TimeProvider time, ILogger logger, CancellationToken stopping)
    : IHttpApplication<HttpContext>
{
    public const string Header = "microspark-page";

    private const string Json = "application/json; charset=utf-8";
    private const string Jobs = "/api/v1/jobs/";
    private const string Datasets = "/api/v1/datasets/";

    /// <summary>Jobs that advice is given on, and what they must have taken at least.</summary>
    private const int AdvisedJobs = 12;

    private const double AdvisedSeconds = 0.5;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_leastOften = TimeSpan.FromSeconds(1);
    private static readonly byte[] s_event = "data: "u8.ToArray();
    private static readonly byte[] s_eventEnd = "\n\n"u8.ToArray();

    /// <summary>With an icon of its own, so that a browser that is slow to go on asks for none.</summary>
    private static readonly byte[] s_entrance = (
        "<!doctype html><meta charset=utf-8><link rel=icon href=\"data:,\"><title>MicroSpark</title>"u8
        + "<meta http-equiv=refresh content=\"0;url=/\">"u8).ToArray();

    private readonly JobShelf _shelf = new(feed);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Content-Type-Options"] = "nosniff";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Content-Security-Policy"] = UiAssets.ContentSecurityPolicy;
        headers.CacheControl = "no-store";
        try
        {
            await AnswerAsync(context);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The viewer went away, or the silo stops.
            context.Abort();
        }
        catch (Exception e) when (CallErrors.IsTransient(e) && !context.Response.HasStarted)
        {
            await EndAsync(context, StatusCodes.Status503ServiceUnavailable, "The cluster does not answer now. Try again.");
        }
        catch (Exception e)
        {
            // The path alone: a query may have a code in it.
            LogFailed(logger, context.Request.Method, context.Request.Path, e);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await EndAsync(context, StatusCodes.Status500InternalServerError, "The worker's log says what went wrong.");
        }
    }

    private Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value ?? "/";
        if (!IsOwnHost(request.Host.Value))
        {
            return EndAsync(context, StatusCodes.Status421MisdirectedRequest, "This server has another name.");
        }

        if (!StringValues.IsNullOrEmpty(request.Headers.Origin) && !IsOwnOrigin(request.Headers.Origin))
        {
            return EndAsync(context, StatusCodes.Status403Forbidden, "Another site's page may not ask here.");
        }

        var isGet = HttpMethods.IsGet(request.Method);
        if (isGet && path == "/enter")
        {
            return EnterAsync(context);
        }

        if (access.ControlOf(request.Cookies[CookieName]) is not { } control)
        {
            return EndAsync(
                context, StatusCodes.Status401Unauthorized,
                "Open the page by a link: the program that started the workers prints one, or `microspark ui` does. A link is good once, "
                + "for 10 minutes.");
        }

        return isGet ? GetAsync(context, path, control)
            : HttpMethods.IsPost(request.Method) ? PostAsync(context, path, control)
            : EndAsync(context, StatusCodes.Status405MethodNotAllowed, "GET or POST.");
    }

    /// <summary>
    /// Changes the link's code for a cookie. The page that follows is asked for by this one: a browser that came here from another site
    /// would not send a strict cookie on a redirect.
    /// </summary>
    private Task EnterAsync(HttpContext context)
    {
        if (context.Request.Query["code"] is not [{ Length: > 0 and < 64 } code] || access.Redeem(code) is not { } cookie)
        {
            return EndAsync(
                context, StatusCodes.Status401Unauthorized, "This link has been used, or is older than 10 minutes: ask for a new one.");
        }

        context.Response.Cookies.Append(CookieName, cookie, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Path = "/",
            MaxAge = UiAccess.SessionLife,
        });
        return WriteAsync(context, s_entrance, "text/html; charset=utf-8");
    }

    private Task GetAsync(HttpContext context, string path, bool control) => path switch
    {
        "/" => WriteAsync(context, UiAssets.Page.Content, UiAssets.Page.Type),
        "/api/v1/session" => WriteAsync(context, UiJson.Of(new SessionShape(control)), Json),
        "/api/v1/openapi.json" => WriteAsync(context, OpenApi.Document, Json),
        "/api/v1/cluster" => AnswerAsync(context, feed.ClusterAsync()),
        "/api/v1/events" => FollowAsync(context),
        "/api/v1/jobs" => AnswerAsync(context, feed.JobsAsync()),
        "/api/v1/workers" => AnswerAsync(context, WorkersAsync()),
        "/api/v1/datasets" => AnswerAsync(context, feed.DatasetsAsync()),
        "/api/v1/advice" => AnswerAsync(context, AdviceAsync()),
        _ when path.StartsWith("/assets/", StringComparison.Ordinal) => AssetAsync(context, path["/assets/".Length..]),
        _ when TryJob(path, out var job, out var rest) => rest switch
        {
            "" => AnswerAsync(context, _shelf.LookAsync(job, "json", recording => UiJson.Of(DetailOf(recording)))),
            "/stream" => AnswerAsync(context, StreamAsync(job, context.Request.Query)),
            _ => NotFoundAsync(context),
        },
        _ => NotFoundAsync(context),
    };

    private async Task PostAsync(HttpContext context, string path, bool control)
    {
        var headers = context.Request.Headers;
        if (!IsOwnOrigin(headers.Origin) || headers[Header] != "1")
        {
            await EndAsync(context, StatusCodes.Status403Forbidden, "Only the page itself may ask for a change.");
            return;
        }

        if (!control)
        {
            await EndAsync(
                context, StatusCodes.Status403Forbidden,
                "This link is for reading. `microspark ui --control` prints one for cancelling and unpersisting.");
            return;
        }

        if (TryJob(path, out var job, out var rest) && rest == "/cancel")
        {
            await feed.CancelAsync(job);
        }
        else if (TryLineage(path, out var lineage))
        {
            await feed.UnpersistAsync(lineage);
        }
        else
        {
            await NotFoundAsync(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>
    /// Server-Sent Events: the cluster is looked at four times a second, and told of each time while anything runs, else when something has
    /// changed or a second is over.
    /// </summary>
    private async Task FollowAsync(HttpContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        var (told, toldAt) = (0, time.GetTimestamp());
        while (true)
        {
            var (cluster, json) = await feed.ClusterJsonAsync();
            var state = StateOf(cluster);
            if (state != told || time.GetElapsedTime(toldAt) >= s_leastOften
                || Array.Exists(cluster.Jobs, static job => job.State == "running"))
            {
                (told, toldAt) = (state, time.GetTimestamp());
                await context.Response.Body.WriteAsync(s_event, stop.Token);
                await context.Response.Body.WriteAsync(json, stop.Token);
                await context.Response.Body.WriteAsync(s_eventEnd, stop.Token);
                await context.Response.Body.FlushAsync(stop.Token);
            }

            await Task.Delay(s_look, time, stop.Token);
        }
    }

    /// <summary>Another number when there is other news than that time passes.</summary>
    private static int StateOf(ClusterShape cluster)
    {
        var state = default(HashCode);
        foreach (var worker in cluster.Workers)
        {
            state.Add(worker.Id);
            state.Add(worker.SlotsBusy);
        }

        foreach (var job in cluster.Jobs)
        {
            state.Add(job.Id);
            state.Add(job.State);
        }

        return state.ToHashCode();
    }

    private async Task<WorkerShape[]?> WorkersAsync() => (await feed.ClusterAsync()).Workers;

    private JobDetail DetailOf(JobRecording recording) => JobFigures.Of(recording, time.GetUtcNow(), feed.Slots);

    private Task<byte[]?> StreamAsync(JobId job, IQueryCollection query)
    {
        var (from, to, pixels) = (Number(query["from"], 0), Number(query["to"], 0), (int)Number(query["pixels"], 1000));
        return _shelf.LookAsync(
            job, string.Create(CultureInfo.InvariantCulture, $"{from} {to} {pixels}"),
            recording => UiJson.Of(TaskStream.Of(recording, from, to, pixels)));
    }

    private async Task<AdviceShape[]?> AdviceAsync()
    {
        var advice = new List<AdviceShape>();
        foreach (var job in (await feed.JobsAsync()).Where(static job => job.Seconds >= AdvisedSeconds).Take(AdvisedJobs))
        {
            advice.AddRange(await _shelf.LookAsync(JobId.Parse(job.Id), "advice", recording => DetailOf(recording).Advice) ?? []);
        }

        return [.. advice];
    }

    private static async Task AnswerAsync<T>(HttpContext context, Task<T> shape)
        where T : class?
    {
        if (await shape is { } found)
        {
            await WriteAsync(context, found as byte[] ?? UiJson.Of(found), Json);
        }
        else
        {
            await NotFoundAsync(context);
        }
    }

    private static Task AssetAsync(HttpContext context, string name)
    {
        if (UiAssets.Find(name) is not { } asset)
        {
            return NotFoundAsync(context);
        }

        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.ETag = asset.Tag;
        if (context.Request.Headers.IfNoneMatch == asset.Tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return WriteAsync(context, asset.Content, asset.Type);
    }

    private static Task WriteAsync(HttpContext context, byte[] content, string type)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        return context.Response.Body.WriteAsync(content).AsTask();
    }

    private static Task NotFoundAsync(HttpContext context) => EndAsync(
        context, StatusCodes.Status404NotFound, "Nothing is here, or nobody remembers it any more.");

    private static Task EndAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message);
    }

    /// <summary>Cookies do not tell ports apart: two workers on one host have two names.</summary>
    private string CookieName => string.Create(CultureInfo.InvariantCulture, $"microspark-{uri().Port}");

    private bool IsOwnHost(string? host) =>
        host is not null && host.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{uri().Port}"), StringComparison.Ordinal)
        && host[..host.LastIndexOf(':')] is "127.0.0.1" or "localhost";

    private bool IsOwnOrigin(StringValues origin) =>
        origin is [{ } one] && one.StartsWith("http://", StringComparison.Ordinal) && IsOwnHost(one["http://".Length..]);

    private static bool TryJob(string path, out JobId job, out string rest)
    {
        (job, rest) = (default, "");
        const int Digits = 32;
        if (!path.StartsWith(Jobs, StringComparison.Ordinal) || path.Length < Jobs.Length + Digits
            || !Guid.TryParseExact(path.AsSpan(Jobs.Length, Digits), "N", out var id))
        {
            return false;
        }

        (job, rest) = (new JobId(id), path[(Jobs.Length + Digits)..]);
        return true;
    }

    private static bool TryLineage(string path, out LineageId lineage)
    {
        const string Action = "/unpersist";
        lineage = default;
        if (!path.StartsWith(Datasets, StringComparison.Ordinal) || !path.EndsWith(Action, StringComparison.Ordinal))
        {
            return false;
        }

        var text = path[Datasets.Length..^Action.Length];
        if (text.Length != 64 || text.AsSpan().ContainsAnyExcept("0123456789abcdef"))
        {
            return false;
        }

        lineage = LineageId.Parse(text);
        return true;
    }

    private static double Number(StringValues value, double otherwise) =>
        value is [{ } text] && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) ? number : otherwise;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private static partial void LogFailed(ILogger logger, string method, string? path, Exception exception);
}
