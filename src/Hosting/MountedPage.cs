using System.Security.Claims;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Ui;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace MicroSpark.Hosting;

/// <summary>
/// The page below a path of somebody's application, which says who may look. It asks the cluster as any client does, so that it is the same
/// for silos of this process and of others.
/// </summary>
internal sealed class MountedPage
{
    /// <summary>The route parameter with the path below the page's own.</summary>
    public const string Rest = "rest";

    /// <summary>
    /// So long one connection follows the cluster. The browser opens the next one by itself, which passes the application's authentication
    /// again: who has signed out, or may look no more, is not let in.
    /// </summary>
    private static readonly TimeSpan s_longestStream = TimeSpan.FromSeconds(30);

    private readonly HostedContext _context;
    private readonly TimeProvider _time;
    private readonly Func<ClaimsPrincipal, bool> _control;
    private readonly UiRoutes _routes;
    private readonly ILogger _logger;

    public MountedPage(HostedContext context, IServiceProvider services, Func<ClaimsPrincipal, bool> control)
    {
        (_context, _control) = (context, control);
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<MountedPage>();
        _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        _routes = new UiRoutes(
            new SiloCalls(
                async () => await context.Grains.GetGrain<IClusterGrain>(0).WorkersAsync(), () => context.Grains),
            null, _time,
            services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    }

    public Task AnswerAsync(HttpContext context) => UiAnswers.GuardAsync(context, AnswerNowAsync, _logger);

    private Task AnswerNowAsync(HttpContext context)
    {
        if (context.User.Identity is not { IsAuthenticated: true }
            && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            return UiAnswers.EndAsync(
                context, StatusCodes.Status401Unauthorized,
                "This application has authenticated nobody. Its author lets users in by authentication and RequireAuthorization(), or all "
                + "by AllowAnonymous(), on what MapMicroSpark returns.");
        }

        if (!StringValues.IsNullOrEmpty(context.Request.Headers.Origin) && !IsFromPage(context.Request))
        {
            return UiAnswers.EndAsync(context, StatusCodes.Status403Forbidden, "Another site's page may not ask here.");
        }

        if (!_context.IsOpen)
        {
            return UiAnswers.EndAsync(context, StatusCodes.Status503ServiceUnavailable, "The application has not started yet, or stops.");
        }

        var rest = context.GetRouteValue(Rest) as string ?? "";
        if (rest.Length == 0 && context.Request.Path.Value is not [.., '/'])
        {
            // The page's addresses are relative to the folder that it is in.
            context.Response.Redirect($"{context.Request.PathBase}{context.Request.Path}/");
            return Task.CompletedTask;
        }

        var began = _time.GetTimestamp();
        return _routes.AnswerAsync(
            context, $"/{rest}", Viewer.LetIn(NameOf(context), _control(context.User)), IsFromPage(context.Request),
            () => _time.GetElapsedTime(began) < s_longestStream,
            "This application lets you look only.");
    }

    /// <summary>For the audit: whom the application has let in, or from where somebody comes whom it knows by no name.</summary>
    private static string NameOf(HttpContext context) =>
        context.User.Identity?.Name ?? context.Connection.RemoteIpAddress?.ToString() ?? "somebody";

    /// <summary>Whether the Origin is the application's own, by the name that it was asked by.</summary>
    private static bool IsFromPage(HttpRequest request) =>
        request.Headers.Origin is [{ } origin]
        && string.Equals(origin, $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
}
