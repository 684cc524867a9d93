using System.Security.Claims;
using MicroSpark.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark;

/// <summary>Puts the page of the cluster into an ASP.NET application.</summary>
public static class MicroSparkEndpointExtensions
{
    /// <summary>
    /// Maps the page that shows what the cluster of the host's <see cref="MicroSparkContext"/> does, with its calls and events, below a
    /// path of the application. The application says who may look: by <c>RequireAuthorization()</c> or its fallback policy on what this
    /// returns. Whoever it has not authenticated is answered 401, unless the application says <c>AllowAnonymous()</c>. It keeps its own
    /// TLS, names and proxies; the links of <c>microspark ui</c> have no part in it.
    /// </summary>
    /// <param name="endpoints">The application's routes. Its services have <c>AddMicroSpark()</c>.</param>
    /// <param name="pattern">Below which path. Default <c>/spark</c>. Route parameters are not allowed in it.</param>
    /// <param name="control">Whether a user may cancel jobs and unpersist. By default nobody may. It is asked with each change.</param>
    /// <returns>For authorization, host names and the like.</returns>
    /// <exception cref="ArgumentException">The pattern is empty, or has parameters.</exception>
    /// <exception cref="InvalidOperationException">The services have no context: <c>AddMicroSpark()</c> is missing.</exception>
    public static IEndpointConventionBuilder MapMicroSpark(
        this IEndpointRouteBuilder endpoints, string pattern = "/spark", Func<ClaimsPrincipal, bool>? control = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        if (pattern.AsSpan().ContainsAny('{', '}'))
        {
            throw new ArgumentException($"The page's path is '{pattern}', and may have no parameters.", nameof(pattern));
        }

        if (endpoints.ServiceProvider.GetService<HostedContext>() is not { } hosted)
        {
            throw new InvalidOperationException(
                "MapMicroSpark shows the cluster of the host's context, and there is none. Call builder.Services.AddMicroSpark() before.");
        }

        var page = new MountedPage(hosted, endpoints.ServiceProvider, control ?? (static _ => false));
        return endpoints.Map($"{pattern.TrimEnd('/')}/{{**{MountedPage.Rest}}}", (RequestDelegate)page.AnswerAsync)
            .WithDisplayName("MicroSpark page");
    }
}
