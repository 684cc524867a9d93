using MicroSpark.Grains.Cluster;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Ui;

/// <summary>Writes answers.</summary>
internal static partial class UiAnswers
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>Answers with the headers that every answer has, and in words when it cannot.</summary>
    public static async Task GuardAsync(HttpContext context, Func<HttpContext, Task> answer, ILogger logger)
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
            await answer(context);
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
            LogFailed(logger, context.Request.Method, context.Request.Path, e);
            await FailAsync(context, StatusCodes.Status500InternalServerError, "The worker's log says what went wrong.");
        }
    }

    /// <summary>A shape as JSON, or JSON as it is; what there is not is told as such.</summary>
    public static async Task JsonAsync<T>(HttpContext context, Task<T> shape)
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

    public static Task AssetAsync(HttpContext context, string name)
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

    public static Task WriteAsync(HttpContext context, byte[] content, string type)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        return context.Response.Body.WriteAsync(content).AsTask();
    }

    public static Task NotFoundAsync(HttpContext context) => EndAsync(
        context, StatusCodes.Status404NotFound, "Nothing is here, or nobody remembers it any more.");

    public static Task EndAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message);
    }

    /// <summary>A stream that has begun can only be cut off: its browser opens it again.</summary>
    private static Task FailAsync(HttpContext context, int status, string message)
    {
        if (!context.Response.HasStarted)
        {
            return EndAsync(context, status, message);
        }

        context.Abort();
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private static partial void LogFailed(ILogger logger, string method, string? path, Exception exception);
}
