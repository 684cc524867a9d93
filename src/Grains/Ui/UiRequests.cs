using System.Globalization;
using MicroSpark.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MicroSpark.Grains.Ui;

/// <summary>Reads what a request says: whom it takes this server for, and what it is about. Nothing of it is trusted.</summary>
internal static class UiRequests
{
    private const string Jobs = "/api/v1/jobs/";
    private const string Workers = "/api/v1/workers/";
    private const string Datasets = "/api/v1/datasets/";

    /// <summary>
    /// Cookies do not tell ports apart: two workers on one host have two names. Over https a browser takes the name from nobody but this
    /// host over https, so that whoever has the host's plain ports puts no cookie of his own in its place.
    /// </summary>
    public static string CookieName(HttpContext context) => string.Create(
        CultureInfo.InvariantCulture, $"{(context.Request.IsHttps ? "__Host-" : "")}microspark-{context.Connection.LocalPort}");

    /// <summary>
    /// Whether somebody has opened a link himself, from a terminal, a mail or this page, and no page of another site made his browser do
    /// it. A client that is no browser does not say.
    /// </summary>
    public static bool IsOpenedByHand(HttpContext context) =>
        context.Request.Headers["Sec-Fetch-Site"] is var site && (site.Count == 0 || site is ["none" or "same-origin"])
        && context.Request.Headers["Sec-Fetch-Dest"] is var kind && (kind.Count == 0 || kind is ["document"]);

    /// <summary>Whether the Host is this server's own name.</summary>
    public static bool IsForThis(HttpContext context) => IsOwnHost(context, context.Request.Host.Value);

    /// <summary>Whether the Origin is the page itself.</summary>
    public static bool IsFromThis(HttpContext context) =>
        context.Request.Headers.Origin is [{ } one] && $"{context.Request.Scheme}://" is var scheme
        && one.StartsWith(scheme, StringComparison.Ordinal) && IsOwnHost(context, one[scheme.Length..]);

    /// <summary>The job that a path is about, and what is behind it.</summary>
    public static bool TryJob(string path, out JobId job, out string rest)
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

    /// <summary>The worker whose lines are asked for.</summary>
    public static bool TryLines(string path, out WorkerId worker)
    {
        const string Action = "/lines";
        var isFor = path.StartsWith(Workers, StringComparison.Ordinal) && path.EndsWith(Action, StringComparison.Ordinal)
            && path.Length > Workers.Length + Action.Length;
        worker = isFor ? new WorkerId(path[Workers.Length..^Action.Length]) : default;
        return isFor;
    }

    /// <summary>The recipe that is to be dropped.</summary>
    public static bool TryUnpersist(string path, out LineageId lineage)
    {
        const string Action = "/unpersist";
        lineage = default;
        if (!path.StartsWith(Datasets, StringComparison.Ordinal) || !path.EndsWith(Action, StringComparison.Ordinal)
            || path.Length != Datasets.Length + 64 + Action.Length)
        {
            return false;
        }

        var text = path[Datasets.Length..^Action.Length];
        if (text.AsSpan().ContainsAnyExcept("0123456789abcdef"))
        {
            return false;
        }

        lineage = LineageId.Parse(text);
        return true;
    }

    /// <summary>A number of the query; false when there is something else, or more than one.</summary>
    public static bool TryNumber(StringValues value, double otherwise, out double number)
    {
        number = otherwise;
        return value.Count == 0 || (value is [{ } text]
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number));
    }

    private static bool IsOwnHost(HttpContext context, string? host)
    {
        var port = context.Connection.LocalPort;
        var usual = context.Request.IsHttps ? 443 : 80;
        var end = string.Create(CultureInfo.InvariantCulture, $":{port}");
        return host is not null
            && (host.EndsWith(end, StringComparison.Ordinal) ? host[..^end.Length] : port == usual ? host : "")
                is "127.0.0.1" or "localhost";
    }
}
