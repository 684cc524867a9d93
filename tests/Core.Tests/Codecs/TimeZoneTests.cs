using MicroSpark.Model;

namespace MicroSpark.Tests.Codecs;

/// <summary>Time zones as values.</summary>
public sealed class TimeZoneTests
{
    [Fact]
    public void Every_zone_of_the_system_travels()
    {
        var zones = TimeZoneInfo.GetSystemTimeZones();
        Assert.NotEmpty(zones);
        Assert.All(zones, zone => Assert.Equal(zone, RoundTrip.Of(zone)));
        Assert.Equal(TimeZoneInfo.Local, RoundTrip.Of(TimeZoneInfo.Local));
    }

    [Fact]
    public void A_zone_that_a_program_makes_travels()
    {
        var rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
            new DateTime(2000, 1, 1), DateTime.MaxValue.Date, TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday));
        var own = TimeZoneInfo.CreateCustomTimeZone("Own", TimeSpan.FromMinutes(30), "Own", "Own", "Own summer", [rule]);
        Assert.Equal(own, RoundTrip.Of(own));

        // One that took a name of the system's is not the system's.
        var other = TimeZoneInfo.CreateCustomTimeZone("Asia/Tokyo", TimeSpan.FromMinutes(30), "x", "x");
        Assert.Equal(other, RoundTrip.Of(other));
    }

    [Fact]
    public void Zones_of_equal_rules_are_one_whatever_they_are_called()
    {
        var (utc, zulu) = (LocalZone.Of(TimeZoneInfo.Utc), LocalZone.Of(TimeZoneInfo.FindSystemTimeZoneById("Etc/UTC")));
        Assert.Equal(utc.Rules, zulu.Rules);
        Assert.NotEqual(utc.Rules, LocalZone.Of(TimeZoneInfo.FindSystemTimeZoneById("Europe/London")).Rules);
        Assert.NotEqual(LocalZone.Of(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")).Rules, LocalZone.Of(TimeZoneInfo.FindSystemTimeZoneById("Europe/Athens")).Rules);
        Assert.Equal(utc, LocalZone.Parse(utc.ToString()));
        Assert.Null(LocalZone.Parse(null));
    }
}
