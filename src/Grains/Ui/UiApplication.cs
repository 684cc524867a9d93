using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Orleans.Runtime;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// The requests of the page. Before any of them is answered: the Host is this server's own name, so that no name that somebody points at
/// 127.0.0.1 is taken for it; an Origin, where there is one, is the page itself; and a cookie says who it is. What changes anything is a
/// POST with a header that other sites' forms cannot send.
/// </summary>
internal sealed partial class UiApplication : IHttpApplication<HttpContext>
{
    public const string Header = "microspark-page";

    /// <summary>What a part of a stream is asked for with: all of them numbers, and all may be missing.</summary>
    public static readonly string[] StreamQuery = ["from", "to", "pixels"];

    /// <summary>With an icon of its own, so that a browser that is slow to go on asks for none.</summary>
    private static readonly byte[] s_entrance = (
        "<!doctype html><meta charset=utf-8><link rel=icon href=\"data:,\"><title>MicroSpark</title>"u8
        + "<meta http-equiv=refresh content=\"0;url=/\">"u8).ToArray();

    private readonly UiAccess _access;
    private readonly ClusterFeed _cluster;
    private readonly DatasetFeed _datasets;
    private readonly JobFeed _jobs;
    private readonly JobViews _views;
    private readonly EventStream _events;
    private readonly ILogger _logger;

    public UiApplication(UiAccess access, SiloCalls silos, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        (_access, _logger) = (access, logger);
        (_cluster, _datasets, _jobs) = (new ClusterFeed(silos, time), new DatasetFeed(silos, time), new JobFeed(silos));
        _views = new JobViews(_cluster, _jobs, time);
        _events = new EventStream(_cluster, time, stopping);
    }

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
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, "The cluster does not answer now. Try again.");
        }
        catch (Exception e)
        {
            // The path alone: a query may have a code in it.
            LogFailed(_logger, context.Request.Method, context.Request.Path, e);
            await FailAsync(context, StatusCodes.Status500InternalServerError, "The worker's log says what went wrong.");
        }
    }

    /// <summary>A stream that has begun can only be cut off: its browser opens it again.</summary>
    private static Task FailAsync(HttpContext context, int status, string message)
    {
        if (!context.Response.HasStarted)
        {
            return UiAnswers.EndAsync(context, status, message);
        }

        context.Abort();
        return Task.CompletedTask;
    }

    private Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value ?? "/";
        if (!UiRequests.IsForThis(context))
        {
            return UiAnswers.EndAsync(context, StatusCodes.Status421MisdirectedRequest, "This server has another name.");
        }

        if (!StringValues.IsNullOrEmpty(request.Headers.Origin) && !UiRequests.IsFromThis(context))
        {
            return UiAnswers.EndAsync(context, StatusCodes.Status403Forbidden, "Another site's page may not ask here.");
        }

        var isGet = HttpMethods.IsGet(request.Method);
        if (isGet && path == "/enter")
        {
            return EnterAsync(context);
        }

        var cookie = request.Cookies[UiRequests.CookieName(context)];
        if (_access.ControlOf(cookie) is not { } control)
        {
            return UiAnswers.EndAsync(
                context, StatusCodes.Status401Unauthorized,
                "Open the page by a link: the program that started the workers prints one, or `microspark ui` does. A link is good once, "
                + "for 10 minutes.");
        }

        return isGet && path == "/api/v1/events" ? _events.FollowAsync(context, () => _access.ControlOf(cookie) is not null)
            : isGet ? GetAsync(context, path, control)
            : HttpMethods.IsPost(request.Method) ? PostAsync(context, path, control)
            : UiAnswers.EndAsync(context, StatusCodes.Status405MethodNotAllowed, "GET or POST.");
    }

    /// <summary>
    /// Changes the link's code for a cookie. The page that follows is asked for by this one: a browser that came here from another site
    /// would not send a strict cookie on a redirect.
    /// </summary>
    private Task EnterAsync(HttpContext context)
    {
        if (context.Request.Query["code"] is not [{ Length: > 0 and < 64 } code] || _access.Redeem(code) is not { } cookie)
        {
            return UiAnswers.EndAsync(
                context, StatusCodes.Status401Unauthorized, "This link has been used, or is older than 10 minutes: ask for a new one.");
        }

        // Without an age: how long it is good counts from its last use, which the browser does not know.
        context.Response.Cookies.Append(
            UiRequests.CookieName(context), cookie, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
        return UiAnswers.WriteAsync(context, s_entrance, "text/html; charset=utf-8");
    }

    private Task GetAsync(HttpContext context, string path, bool control) => path switch
    {
        "/" => UiAnswers.WriteAsync(context, UiAssets.Page.Content, UiAssets.Page.Type),
        "/api/v1/session" => UiAnswers.JsonAsync(context, Task.FromResult(new SessionShape(control))),
        "/api/v1/openapi.json" => UiAnswers.JsonAsync(context, Task.FromResult(OpenApi.Document)),
        "/api/v1/cluster" => UiAnswers.JsonAsync(context, ClusterAsync()),
        "/api/v1/jobs" => UiAnswers.JsonAsync(context, _cluster.JobsAsync()),
        "/api/v1/workers" => UiAnswers.JsonAsync(context, WorkersAsync()),
        "/api/v1/datasets" => UiAnswers.JsonAsync(context, _datasets.NowAsync()),
        "/api/v1/advice" => UiAnswers.JsonAsync(context, _views.AdviceAsync()),
        _ when path.StartsWith("/assets/", StringComparison.Ordinal) => UiAnswers.AssetAsync(context, path["/assets/".Length..]),
        _ when UiRequests.TryJob(path, out var job, out var rest) => rest switch
        {
            "" => UiAnswers.JsonAsync(context, _views.DetailAsync(job)),
            "/stream" => StreamAsync(context, job),
            _ => UiAnswers.NotFoundAsync(context),
        },
        _ => UiAnswers.NotFoundAsync(context),
    };

    private async Task PostAsync(HttpContext context, string path, bool control)
    {
        if (!UiRequests.IsFromThis(context) || context.Request.Headers[Header] != "1")
        {
            await UiAnswers.EndAsync(context, StatusCodes.Status403Forbidden, "Only the page itself may ask for a change.");
            return;
        }

        if (!control)
        {
            await UiAnswers.EndAsync(
                context, StatusCodes.Status403Forbidden,
                "This link is for reading. `microspark ui --control` prints one for cancelling and unpersisting.");
            return;
        }

        RequestContext.Set(Caller.ContextKey, $"page/{context.Connection.RemoteIpAddress}");
        if (UiRequests.TryJob(path, out var job, out var rest) && rest == "/cancel")
        {
            await _jobs.CancelAsync(job);
        }
        else if (UiRequests.TryUnpersist(path, out var lineage))
        {
            await _datasets.UnpersistAsync(lineage);
        }
        else
        {
            await UiAnswers.NotFoundAsync(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<byte[]> ClusterAsync() => (await _cluster.NowAsync()).Json;

    private async Task<Figures.WorkerShape[]> WorkersAsync() => (await _cluster.NowAsync()).Cluster.Workers;

    private Task StreamAsync(HttpContext context, JobId job)
    {
        var query = context.Request.Query;
        return UiRequests.TryNumber(query[StreamQuery[0]], 0, out var from) && UiRequests.TryNumber(query[StreamQuery[1]], 0, out var to)
            && UiRequests.TryNumber(query[StreamQuery[2]], 1000, out var pixels)
            ? UiAnswers.JsonAsync(context, _views.StreamAsync(job, from, to, (int)Math.Clamp(pixels, 1, int.MaxValue)))
            : UiAnswers.EndAsync(context, StatusCodes.Status400BadRequest, "from, to and pixels are numbers.");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private static partial void LogFailed(ILogger logger, string method, string? path, Exception exception);
}
