using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace MicroSpark.Model;

/// <summary>
/// The time zone that a process calls local, as it is told to others: its name, and a fingerprint of its rules. Two zones of one
/// fingerprint give the same times, whatever they are called.
/// </summary>
internal sealed record LocalZone(string Id, string Rules)
{
    private static readonly ConditionalWeakTable<TimeZoneInfo, string> s_rules = [];

    /// <summary>This process's.</summary>
    public static LocalZone Current => Of(TimeProvider.System.LocalTimeZone);

    public static LocalZone Of(TimeZoneInfo zone) => new(zone.Id, RulesOf(zone));

    /// <summary>As <see cref="ToString"/> writes it; null when it says nothing.</summary>
    public static LocalZone? Parse(string? text) =>
        text?.LastIndexOf(' ') is { } at and > 0 ? new LocalZone(text[..at], text[(at + 1)..]) : null;

    /// <summary>A hash of what a zone's times follow from, so that equal rules have equal hashes in every process.</summary>
    public static string RulesOf(TimeZoneInfo zone) => s_rules.GetValue(zone, static zone => Fingerprint(zone));

    /// <summary>Makes a zone the local one of this whole process, which has no more than one.</summary>
    /// <param name="id">An IANA name. Null leaves the process as it is.</param>
    /// <exception cref="PlatformNotSupportedException">The system has one zone for all processes, and it is another one.</exception>
    public static void Apply(string? id)
    {
        if (id is null || RulesOf(TimeZoneInfo.FindSystemTimeZoneById(id)) == Current.Rules)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException(
                $"Windows has one time zone for all processes, '{Current.Id}', and MicroSpark:TimeZone asks for '{id}'. Set it with "
                + "tzutil.");
        }

        Environment.SetEnvironmentVariable("TZ", id);
        TimeZoneInfo.ClearCachedData();
    }

    public override string ToString() => $"{Id} {Rules}";

    private static string Fingerprint(TimeZoneInfo zone)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{zone.BaseUtcOffset.Ticks}");
        foreach (var rule in zone.GetAdjustmentRules())
        {
            text.Append(CultureInfo.InvariantCulture, $";{rule.DateStart.Ticks},{rule.DateEnd.Ticks},{rule.DaylightDelta.Ticks}")
                .Append(CultureInfo.InvariantCulture, $",{rule.BaseUtcOffsetDelta.Ticks}");
            Append(text, rule.DaylightTransitionStart);
            Append(text, rule.DaylightTransitionEnd);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }

    private static void Append(StringBuilder text, TimeZoneInfo.TransitionTime time) => text.Append(
        CultureInfo.InvariantCulture,
        $",{time.IsFixedDateRule}/{time.Month}/{time.Week}/{time.Day}/{(int)time.DayOfWeek}/{time.TimeOfDay.Ticks}");
}
