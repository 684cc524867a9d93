using System.Reflection;
using Orleans.Runtime;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Who calls, for the audit: what the caller says of itself. A client says user, host, program and process; calls without one come from the
/// silo's own process. It gives no rights: everybody who has the secret has all of them.
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
    public static string Present => RequestContext.Get(ContextKey) is string text ? Clean(text) : Unnamed;

    /// <summary>Printable, short, without spaces: it goes into a header and into a line.</summary>
    public static string Clean(string text) =>
        string.Concat(text.Take(Longest).Select(static c => char.IsAsciiLetterOrDigit(c) || "-_.@/#:".Contains(c) ? c : '?'));
}
