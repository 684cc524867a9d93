using System.Buffers;
using System.Text;
using MicroSpark.Grains.Security;
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
internal sealed class UiApplication : IHttpApplication<HttpContext>
{
    /// <summary>With an icon of its own, so that a browser that is slow to go on asks for none.</summary>
    private static readonly byte[] s_entrance = (
        "<!doctype html><meta charset=utf-8><link rel=icon href=\"data:,\"><title>MicroSpark</title>"u8
        + "<meta http-equiv=refresh content=\"0;url=/\">"u8).ToArray();

    private const string Question = "<!doctype html><meta charset=utf-8><link rel=icon href=\"data:,\"><title>MicroSpark</title>"
        + "<p>Another page has sent you here with a link to MicroSpark. Go on if it is a link of your own: "
        + "<a href=\"/enter?code=CODE\">open the page</a>.";

    /// <summary>Of a code, so that nothing else is written back.</summary>
    private static readonly SearchValues<char> s_codeLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly UiAccess _access;
    private readonly UiRoutes _routes;
    private readonly ILogger _logger;

    public UiApplication(
        UiAccess access, SiloCalls silos, AuditLog audit, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        (_access, _logger) = (access, logger);
        _routes = new UiRoutes(silos, audit, time, stopping);
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(HttpContext context) => UiAnswers.GuardAsync(context, AnswerAsync, _logger);

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
        if (_access.ViewerOf(cookie) is not { } viewer)
        {
            return UiAnswers.EndAsync(
                context, StatusCodes.Status401Unauthorized,
                "Open the page by a link: the program that started the workers prints one, or `microspark ui` does. A link is good once, "
                + "for 10 minutes.");
        }

        context.Items[StreamLimit.Session] = cookie;
        return _routes.AnswerAsync(
            context, path, viewer, UiRequests.IsFromThis(context), () => _access.ViewerOf(cookie) is not null,
            "This link is for reading. `microspark ui --control` prints one for cancelling and unpersisting, to who may.");
    }

    /// <summary>
    /// Changes the link's code for a cookie. The page that follows is asked for by this one: a browser that came here from another site
    /// would not send a strict cookie on a redirect.
    /// </summary>
    private Task EnterAsync(HttpContext context)
    {
        if (context.Request.Query["code"] is [{ Length: > 0 and < 64 } asked] && !asked.AsSpan().ContainsAnyExcept(s_codeLetters)
            && !UiRequests.IsOpenedByHand(context))
        {
            // Another site may have made this browser come, to have its user look at the page as somebody else: he is asked.
            return UiAnswers.WriteAsync(context, Encoding.ASCII.GetBytes(Question.Replace("CODE", asked, StringComparison.Ordinal)),
                "text/html; charset=utf-8");
        }

        if (context.Request.Query["code"] is not [{ Length: > 0 and < 64 } code] || _access.Redeem(code) is not { } cookie)
        {
            return UiAnswers.EndAsync(
                context, StatusCodes.Status401Unauthorized, "This link has been used, or is older than 10 minutes: ask for a new one.");
        }

        // Without an age: how long it is good counts from its last use, which the browser does not know.
        context.Response.Cookies.Append(
            UiRequests.CookieName(context), cookie,
            new CookieOptions { HttpOnly = true, Secure = context.Request.IsHttps, SameSite = SameSiteMode.Strict, Path = "/" });
        return UiAnswers.WriteAsync(context, s_entrance, "text/html; charset=utf-8");
    }
}
