using Microsoft.AspNetCore.Http;

namespace MicroSpark.Grains.Ui;

/// <summary>Writes answers.</summary>
internal static class UiAnswers
{
    private const string Json = "application/json; charset=utf-8";

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
}
