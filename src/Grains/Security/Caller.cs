using System.Reflection;
using Orleans.Runtime;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Who calls, for the audit: the <see cref="Principal"/>, where there are names, and what the caller says of itself. A client says user,
/// host, program and process; calls without one come from the silo's own process. What it says gives no rights.
/// </summary>
internal static class Caller
{
    public const string ContextKey = "microspark.caller";

    /// <summary>What a worker says.</summary>
    public const string Worker = "worker";

    private const int Longest = 120;
    private const string Unnamed = "this silo's host";

    /// <summary>A client in this process.</summary>
    public static string OfProcess { get; } = Clean(
        $"{Environment.UserName}@{Environment.MachineName}/{Assembly.GetEntryAssembly()?.GetName().Name ?? "program"}"
        + $"#{Environment.ProcessId}");

    /// <summary>Of the grain call that is being answered.</summary>
    public static string Present => Named(Principal.Present, RequestContext.Get(ContextKey) is string text ? text : Unnamed);

    /// <summary>What a caller says of itself, behind the name under which it is known, when it has one.</summary>
    public static string Named(Principal principal, string said) =>
        principal.OwnerName is { } name ? $"{name} ({Clean(said)})" : said == Unnamed ? said : Clean(said);

    /// <summary>Printable, short, without spaces: it goes into a header and into a line.</summary>
    public static string Clean(string text) =>
        string.Concat(text.Take(Longest).Select(static c => char.IsAsciiLetterOrDigit(c) || "-_.@/#:".Contains(c) ? c : '?'));
}
