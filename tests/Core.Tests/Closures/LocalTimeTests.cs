using System.Globalization;
using System.Text.Json;
using MicroSpark.Closures;
using MicroSpark.Model;
using MicroSpark.Plans;

namespace MicroSpark.Tests.Closures;

/// <summary>Which lambdas depend on the time zone of the process that runs them.</summary>
public sealed class LocalTimeTests
{
    private static readonly TimeZoneInfo s_here = TimeZoneInfo.Local;
    private static readonly TimeZoneInfo s_berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly DateTime s_time = DateTime.UnixEpoch;

    public static TheoryData<string, Func<string, object?>> Uses => new()
    {
        { "DateTime.Now", _ => DateTime.Now },
        { "DateTime.Today", _ => DateTime.Today },
        { "DateTime.ToLocalTime", x => new DateTime(x.Length).ToLocalTime() },
        { "DateTime.ToUniversalTime", x => new DateTime(x.Length).ToUniversalTime() },
        { "DateTime.ToFileTime", x => new DateTime(x.Length).ToFileTime() },
        { "DateTime.FromFileTime", x => DateTime.FromFileTime(x.Length) },
        { "DateTime.IsDaylightSavingTime", x => new DateTime(x.Length).IsDaylightSavingTime() },
        { "DateTime.Parse", x => DateTime.Parse(x, CultureInfo.InvariantCulture) },
        { "DateTime.Parse", x => DateTime.Parse(x, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces) },
        { "DateTime.TryParse", x => DateTime.TryParse(x, out var time) ? time : default },
        { "DateTime.ParseExact", x => DateTime.ParseExact(x, "O", null) },
        { "DateTimeOffset.Parse", x => DateTimeOffset.Parse(x, CultureInfo.InvariantCulture) },
        { "DateTime.ToString", x => new DateTime(x.Length).ToString("HH:mm zzz", CultureInfo.InvariantCulture) },
        { "DateTimeOffset.Now", _ => DateTimeOffset.Now },
        { "DateTimeOffset.ToLocalTime", x => new DateTimeOffset(x.Length, TimeSpan.Zero).ToLocalTime() },
        { "DateTimeOffset.LocalDateTime", x => new DateTimeOffset(x.Length, TimeSpan.Zero).LocalDateTime },
        { "new DateTimeOffset(DateTime)", x => new DateTimeOffset(new DateTime(x.Length)) },
        { "the conversion of a DateTime to a DateTimeOffset", x => (DateTimeOffset)new DateTime(x.Length) },
        { "TimeZoneInfo.Local", _ => TimeZoneInfo.Local },
        { "TimeZoneInfo.ConvertTime", x => TimeZoneInfo.ConvertTime(new DateTime(x.Length), TimeZoneInfo.Utc) },
        { "TimeZoneInfo.ConvertTimeToUtc", x => TimeZoneInfo.ConvertTimeToUtc(new DateTime(x.Length)) },
        { "TimeZoneInfo.ConvertTimeBySystemTimeZoneId", x => TimeZoneInfo.ConvertTimeBySystemTimeZoneId(new DateTime(x.Length), x) },
        { "TimeProvider.LocalTimeZone", _ => TimeProvider.System.LocalTimeZone },
        { "TimeProvider.GetLocalNow", _ => TimeProvider.System.GetLocalNow() },
        { "File.GetLastWriteTime", x => File.GetLastWriteTime(x) },
        { "FileSystemInfo.LastWriteTime", x => new FileInfo(x).LastWriteTime },
        { "Convert.ToDateTime", x => Convert.ToDateTime(x, CultureInfo.InvariantCulture) },
        { "JsonElement.GetDateTime", x => JsonDocument.Parse(x).RootElement.GetDateTime() },
        { "XmlConvert.ToDateTime", x => Xml(x) },
        { "TimeZone.CurrentTimeZone", _ => OldZone() },
        { "DateTime.ToLocalTime", x => Deep(x.Length) },
        { "DateTime.ToLocalTime", x => Enumerable.Range(0, x.Length).Select(n => Deep(n)).ToList() },
        { "DateTime.ToLocalTime", x => Steps(x.Length).Sum() },
        { "DateTime.ToLocalTime", x => new Clock(x.Length) },
        { "TimeZoneInfo.Local", _ => s_here.Id },
    };

    public static TheoryData<Func<string, object?>> NoUses => new()
    {
        { _ => DateTime.UtcNow },
        { _ => DateTimeOffset.UtcNow },
        { _ => new DateTimeOffset(DateTime.UtcNow) },
        { _ => (DateTimeOffset)DateTime.UnixEpoch },
        { x => new DateTimeOffset(DateTime.SpecifyKind(new DateTime(x.Length), DateTimeKind.Utc)) },
        { x => new DateTimeOffset(new DateTime(x.Length), TimeSpan.Zero) },
        { x => DateTime.Parse(x, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal) },
        { x => DateTime.TryParse(x, null, DateTimeStyles.RoundtripKind, out var time) ? time : default },
        { x => DateTimeOffset.Parse(x, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) },
        { x => new DateTime(x.Length).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) },
        { x => TimeZoneInfo.ConvertTimeFromUtc(new DateTime(x.Length), s_berlin) },
        { x => TimeZoneInfo.ConvertTime(new DateTimeOffset(x.Length, TimeSpan.Zero), s_berlin) },
        { x => TimeZoneInfo.ConvertTimeToUtc(new DateTime(x.Length), s_berlin) },
        { x => new DateTime(x.Length) < s_time },
        { x => DateOnly.Parse(x, CultureInfo.InvariantCulture) },
        { _ => TimeProvider.System.GetUtcNow() },
        { x => File.GetLastWriteTimeUtc(x) },
    };

    [Theory, MemberData(nameof(Uses))]
    public void A_call_that_reaches_local_time_is_found_and_named(string expected, Func<string, object?> lambda)
    {
        var closure = Closure<Func<string, object?>>.Capture(lambda, "Map", "f");
        Assert.StartsWith($"{expected} (in ", closure.LocalTime, StringComparison.Ordinal);
        Assert.Contains(nameof(LocalTimeTests), closure.LocalTime, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(NoUses))]
    public void What_answers_alike_everywhere_is_let_through(Func<string, object?> lambda) =>
        Assert.Null(Closure<Func<string, object?>>.Capture(lambda, "Map", "f").LocalTime);

    [Fact]
    public void A_delegate_that_a_lambda_captures_counts()
    {
        Func<long, DateTime> inner = Deep;
        Func<string, object?> outer = x => inner(x.Length);
        Assert.StartsWith("DateTime.ToLocalTime", Closure<Func<string, object?>>.Capture(outer, "Map", "f").LocalTime, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_of_other_rules_refuses_with_call_zones_and_way_out()
    {
        var (berlin, athens) = (LocalZone.Of(s_berlin), LocalZone.Of(TimeZoneInfo.FindSystemTimeZoneById("Europe/Athens")));
        var refusal = new PlanZone(berlin, "DateTime.Now (in Main)").RefusalBy(athens, "worker w1")!;
        foreach (var part in new[] { "DateTime.Now (in Main)", "'Europe/Berlin'", "worker w1", "'Europe/Athens'", "capture a TimeZoneInfo", "MicroSpark:TimeZone = Europe/Berlin" })
        {
            Assert.Contains(part, refusal, StringComparison.Ordinal);
        }

        Assert.Null(new PlanZone(berlin, null).RefusalBy(athens, "w"));
        Assert.Null(new PlanZone(berlin, "DateTime.Now").RefusalBy(berlin with { Id = "Arctic/Longyearbyen" }, "w"));
        Assert.Null(new PlanZone(berlin, "DateTime.Now").RefusalBy(null, "w"));
        var elsewhere = LocalZone.Current.Rules == berlin.Rules ? athens : berlin;
        var error = Assert.Throws<InvalidDataException>(() => new PlanZone(elsewhere, "DateTime.Now").EnsureRuns());
        Assert.StartsWith("DateTime.Now depends", error.Message, StringComparison.Ordinal);
    }

    private static DateTime Deep(long ticks) => Deeper(ticks).AddDays(1);

    private static DateTime Deeper(long ticks) => new DateTime(ticks).ToLocalTime();

    private static IEnumerable<int> Steps(int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return new DateTime(i).ToLocalTime().Hour;
        }
    }

#pragma warning disable CS0618, CS0619 // what is obsolete can still be called
    private static object Xml(string text) => System.Xml.XmlConvert.ToDateTime(text);

    private static object OldZone() => TimeZone.CurrentTimeZone;
#pragma warning restore CS0618, CS0619

    private sealed class Clock(long ticks)
    {
        public DateTime Time { get; } = new DateTime(ticks).ToLocalTime();
    }
}
