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

    public UiRoutes(SiloCalls silos, TimeProvider time, CancellationToken stopping)
    {
        (_cluster, _datasets, _jobs) = (new ClusterFeed(silos, time), new DatasetFeed(silos, time), new JobFeed(silos));
        _views = new JobViews(_cluster, _jobs, time);
        _events = new EventStream(_cluster, time, stopping);
    }

    /// <param name="path">Below the page's own.</param>
    /// <param name="control">Whether whoever asks may cancel and unpersist.</param>
    /// <param name="isFromPage">Whether the request says that the page itself has sent it.</param>
    /// <param name="mayStay">Asked again and again while somebody follows the events.</param>
    /// <param name="readsOnly">What is told to whoever may not change anything and asks for it.</param>
    public Task AnswerAsync(HttpContext context, string path, bool control, bool isFromPage, Func<bool> mayStay, string readsOnly)
    {
        var isGet = HttpMethods.IsGet(context.Request.Method);
        return isGet && path == "/api/v1/events" ? _events.FollowAsync(context, mayStay)
            : isGet ? GetAsync(context, path, control)
            : !HttpMethods.IsPost(context.Request.Method)
                ? UiAnswers.EndAsync(context, StatusCodes.Status405MethodNotAllowed, "GET or POST.")
            : !isFromPage || context.Request.Headers[Header] != "1"
                ? UiAnswers.EndAsync(context, StatusCodes.Status403Forbidden, "Only the page itself may ask for a change.")
            : !control ? UiAnswers.EndAsync(context, StatusCodes.Status403Forbidden, readsOnly)
            : PostAsync(context, path);
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
        _ when UiRequests.TryLines(path, out var worker) => UiAnswers.JsonAsync(context, _cluster.LinesAsync(worker)),
        _ when UiRequests.TryJob(path, out var job, out var rest) => rest switch
        {
            "" => UiAnswers.JsonAsync(context, _views.DetailAsync(job)),
            "/stream" => StreamAsync(context, job),
            _ => UiAnswers.NotFoundAsync(context),
        },
        _ => UiAnswers.NotFoundAsync(context),
    };

    private async Task PostAsync(HttpContext context, string path)
    {
        // For the audit: whom the application has let in, or from where somebody came by a link.
        RequestContext.Set(Caller.ContextKey, $"page/{context.User.Identity?.Name ?? context.Connection.RemoteIpAddress?.ToString()}");
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
}
