using System.Net;
using MicroSpark.Display;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Who did what, one structured line each, in the log of the silo where it happened: connections and requests refused, code uploaded, jobs
/// submitted and cancelled, kept data dropped, and what a role does not allow. Who it was is the name in the settings or the certificate,
/// and what a caller says of itself (<see cref="Caller"/>), and only holders of a secret are believed; of others there is the address. No
/// line has a secret in it, nor a value of a job.
/// </summary>
/// <param name="enabled">False in a program's own silos: nobody else can call them.</param>
internal sealed partial class AuditLog(ILoggerFactory loggers, TimeProvider time, bool enabled = true)
{
    /// <summary>By which a log's settings choose these lines.</summary>
    public const string Category = "MicroSpark.Audit";

    /// <summary>Characters of a text that somebody else has chosen a part of.</summary>
    private const int Longest = 300;

    private readonly ILogger _logger = loggers.CreateLogger(Category);
    private readonly RefusalLimit _limit = new(time);
    private readonly RefusalLimit _denied = new(time);

    /// <summary>A connection or request that proved nothing, or not enough. A stranger writes one line a second at most.</summary>
    /// <param name="door">The port that it came to.</param>
    public void Refused(EndPoint? peer, string door, string reason)
    {
        if (enabled && _limit.Admit(peer) is { } before)
        {
            LogRefused(_logger, peer?.ToString() ?? "unknown", door, Shown(reason), before);
        }
    }

    /// <summary>
    /// Somebody who is known wanted what his role does not allow. He too writes one line a second at most, with all who are so limited.
    /// </summary>
    /// <param name="from">Null for a call, which may have come through another silo.</param>
    public void Denied(string who, EndPoint? from, string what)
    {
        if (enabled && _denied.Admit(from) is { } before)
        {
            LogDenied(_logger, Shown(who), from?.ToString() ?? "a gateway", Shown(what), before);
        }
    }

    /// <summary>A plan, an assembly or data came in over the data plane.</summary>
    public void Uploaded(string who, EndPoint? from, string hash, long bytes)
    {
        if (enabled)
        {
            LogUploaded(_logger, Shown(who), from?.ToString() ?? "unknown", hash, bytes);
        }
    }

    public void Submitted(string job, string name, string plan)
    {
        if (enabled)
        {
            LogSubmitted(_logger, Shown(Caller.Present), job, Shown(name), plan);
        }
    }

    public void Cancelled(string job)
    {
        if (enabled)
        {
            LogCancelled(_logger, Shown(Caller.Present), job);
        }
    }

    /// <param name="what">A recipe or a broadcast, by its hash.</param>
    public void Dropped(string what, string hash)
    {
        if (enabled)
        {
            LogDropped(_logger, Shown(Caller.Present), what, hash);
        }
    }

    /// <summary>
    /// Names of jobs, and of what a client says that it is, are its own choice: they must not look like a line of this log, nor act on the
    /// terminal where it is read, nor fill the disk that it is on.
    /// </summary>
    private static string Shown(string text) => VisibleText.Of(text.ReplaceLineEndings(" "), Longest);

    [LoggerMessage(EventId = 1, EventName = "Refused", Level = LogLevel.Warning,
        Message = "refused {Peer} at the {Door}: {Reason} (and {Before} before, not written)")]
    private static partial void LogRefused(ILogger logger, string peer, string door, string reason, int before);

    [LoggerMessage(EventId = 6, EventName = "Denied", Level = LogLevel.Warning,
        Message = "denied {Who} from {From}: may not {What} (and {Before} before, not written)")]
    private static partial void LogDenied(ILogger logger, string who, string from, string what, int before);

    [LoggerMessage(EventId = 2, EventName = "Uploaded", Level = LogLevel.Information,
        Message = "upload by {Who} from {From}: {Hash}, {Bytes} B")]
    private static partial void LogUploaded(ILogger logger, string who, string from, string hash, long bytes);

    [LoggerMessage(EventId = 3, EventName = "Submitted", Level = LogLevel.Information,
        Message = "submit by {Who}: job {Job} {Name}, plan {Hash}")]
    private static partial void LogSubmitted(ILogger logger, string who, string job, string name, string hash);

    [LoggerMessage(EventId = 4, EventName = "Cancelled", Level = LogLevel.Information, Message = "cancel by {Who}: job {Job}")]
    private static partial void LogCancelled(ILogger logger, string who, string job);

    [LoggerMessage(EventId = 5, EventName = "Dropped", Level = LogLevel.Information, Message = "drop by {Who}: {What} {Hash}")]
    private static partial void LogDropped(ILogger logger, string who, string what, string hash);
}
