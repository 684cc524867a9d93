using System.Net;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using Microsoft.AspNetCore.Http;
using Orleans.Runtime;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// What the page and its calls are, for somebody who has been let in: by a link of this process's own server, or by the application that
/// the page is a part of. What changes anything is a POST with a header that other sites' forms cannot send.
/// </summary>
internal sealed class UiRoutes
{
    public const string Header = "microspark-page";

    /// <summary>What a part of a stream is asked for with: all of them numbers, and all may be missing.</summary>
    public static readonly string[] StreamQuery = ["from", "to", "pixels"];

    private readonly ClusterFeed _cluster;
    private readonly DatasetFeed _datasets;
    private readonly JobFeed _jobs;
    private readonly JobViews _views;
    private readonly EventStream _events;
    private readonly StreamLimit _streams = new();
    private readonly AuditLog? _audit;

    /// <param name="audit">Of who may not; null where the application keeps its own.</param>
    public UiRoutes(SiloCalls silos, AuditLog? audit, TimeProvider time, CancellationToken stopping)
    {
        (_cluster, _jobs, _audit) = (new ClusterFeed(silos, time), new JobFeed(silos), audit);
        _datasets = new DatasetFeed(silos, _cluster, time);
        _views = new JobViews(_cluster, _jobs, time);
        _events = new EventStream(_cluster, time, stopping);
    }

    /// <param name="path">Below the page's own.</param>
    /// <param name="viewer">Who asks.</param>
    /// <param name="isFromPage">Whether the request says that the page itself has sent it.</param>
    /// <param name="mayStay">Asked again and again while somebody follows the events.</param>
    /// <param name="readsOnly">What is told to whoever may not change anything and asks for it.</param>
    public Task AnswerAsync(HttpContext context, string path, Viewer viewer, bool isFromPage, Func<bool> mayStay, string readsOnly)
    {
        var isGet = HttpMethods.IsGet(context.Request.Method);
        return isGet && path == "/api/v1/events" ? FollowAsync(context, viewer, mayStay)
            : isGet ? GetAsync(context, path, viewer)
            : !HttpMethods.IsPost(context.Request.Method)
                ? UiAnswers.EndAsync(context, StatusCodes.Status405MethodNotAllowed, "GET or POST.")
            : !isFromPage || context.Request.Headers[Header] != "1"
                ? UiAnswers.EndAsync(context, StatusCodes.Status403Forbidden, "Only the page itself may ask for a change.")
            : PostAsync(context, path, viewer, readsOnly);
    }

    private async Task FollowAsync(HttpContext context, Viewer viewer, Func<bool> mayStay)
    {
        using var place = _streams.TryEnter(context, viewer);
        if (place is null)
        {
            await UiAnswers.EndAsync(
                context, StatusCodes.Status429TooManyRequests,
                $"Too many windows follow this page: {StreamLimit.OfSession} of one browser, and {StreamLimit.OfName} by links of one "
                + "maker. Close one.");
            return;
        }

        await _events.FollowAsync(context, viewer, mayStay);
    }

    private Task GetAsync(HttpContext context, string path, Viewer viewer) => path switch
    {
        "/" => UiAnswers.WriteAsync(context, UiAssets.Page.Content, UiAssets.Page.Type),
        "/api/v1/session" => UiAnswers.JsonAsync(context, Task.FromResult(SessionShape.Of(viewer))),
        "/api/v1/openapi.json" => UiAnswers.JsonAsync(context, Task.FromResult(OpenApi.Document)),
        "/api/v1/cluster" => UiAnswers.JsonAsync(context, ClusterAsync(viewer)),
        "/api/v1/jobs" => UiAnswers.JsonAsync(context, _cluster.JobsAsync(viewer)),
        "/api/v1/workers" => UiAnswers.JsonAsync(context, WorkersAsync()),
        "/api/v1/datasets" => UiAnswers.JsonAsync(context, _datasets.NowAsync(viewer)),
        "/api/v1/advice" => UiAnswers.JsonAsync(context, _views.AdviceAsync(viewer)),
        _ when path.StartsWith("/assets/", StringComparison.Ordinal) => UiAnswers.AssetAsync(context, path["/assets/".Length..]),
        _ when UiRequests.TryLines(path, out var worker) => UiAnswers.JsonAsync(context, _cluster.LinesAsync(worker, viewer)),
        _ when UiRequests.TryJob(path, out var job, out var rest) => rest switch
        {
            "" => UiAnswers.JsonAsync(context, _views.DetailAsync(job, viewer)),
            "/stream" => StreamAsync(context, job),
            _ => UiAnswers.NotFoundAsync(context),
        },
        _ => UiAnswers.NotFoundAsync(context),
    };

    private Task PostAsync(HttpContext context, string path, Viewer viewer, string readsOnly)
    {
        // For the audit: by whose link, or whom the application has let in.
        RequestContext.Set(Caller.ContextKey, $"page/{viewer.Name}@{context.Connection.RemoteIpAddress}");
        if (UiRequests.TryJob(path, out var job, out var rest) && rest == "/cancel")
        {
            return ChangeAsync(
                context, viewer, readsOnly, $"cancel job {job}", "Only the job's owner and admins may cancel it.",
                () => _jobs.CancelAsync(job, viewer));
        }

        if (UiRequests.TryUnpersist(path, out var lineage))
        {
            return ChangeAsync(
                context, viewer, readsOnly, $"unpersist {lineage}", "Only admins, and those whose programs hold it, may drop it.",
                () => _datasets.UnpersistAsync(lineage, viewer));
        }

        return UiAnswers.NotFoundAsync(context);
    }

    /// <param name="act">For the audit.</param>
    /// <param name="others">What is told to whoever may change things, but not this one.</param>
    /// <param name="change">False when the viewer may not.</param>
    private async Task ChangeAsync(HttpContext context, Viewer viewer, string readsOnly, string act, string others, Func<Task<bool>> change)
    {
        if (viewer.MayChange && await change())
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        _audit?.Denied($"page/{viewer.Name}", context.Connection.RemoteIpAddress is { } from
            ? new IPEndPoint(from, context.Connection.RemotePort) : null, act);
        await UiAnswers.EndAsync(context, StatusCodes.Status403Forbidden, viewer.MayChange ? others : readsOnly);
    }

    private async Task<byte[]> ClusterAsync(Viewer viewer) => (await _cluster.NowAsync()).Json(viewer);

    private async Task<Figures.WorkerShape[]> WorkersAsync() => (await _cluster.NowAsync()).Cluster.Workers;

    private Task StreamAsync(HttpContext context, JobId job)
    {
        var query = context.Request.Query;
        return UiRequests.TryNumber(query[StreamQuery[0]], 0, out var from) && UiRequests.TryNumber(query[StreamQuery[1]], 0, out var to)
            && UiRequests.TryNumber(query[StreamQuery[2]], 1000, out var pixels)
            ? UiAnswers.JsonAsync(context, _views.StreamAsync(job, from, to, (int)Math.Clamp(pixels, 1, int.MaxValue)))
            : UiAnswers.EndAsync(context, StatusCodes.Status400BadRequest, "from, to and pixels are numbers.");
    }
}
