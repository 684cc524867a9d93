using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;

namespace MicroSpark.Tests.Jobs;

/// <summary>Workers of other time zones give the client's answer, or none.</summary>
public sealed class ZoneTests
{
    /// <summary>One that is not the zone of this process.</summary>
    private static readonly string s_elsewhere =
        TimeZoneInfo.Local.HasSameRules(TimeZoneInfo.FindSystemTimeZoneById("America/New_York")) ? "Asia/Tokyo" : "America/New_York";

    private static readonly DateTime s_noon = new(2026, 1, 15, 12, 0, 0);

    [Fact]
    public async Task A_worker_elsewhere_refuses_local_time_and_converts_with_a_captured_zone()
    {
        using var database = new SqliteDatabase();
        var silos = await Task.WhenAll(
            SiloProcess.StartAsync(database.Settings),
            SiloProcess.StartAsync(database.Settings, new Dictionary<string, string> { ["TZ"] = s_elsewhere }));
        try
        {
            await using var spark = await ConnectAsync(database);
            var days = spark.Range(0, 8, partitions: 8).Map(n => s_noon.AddDays(n));
            var error = await Assert.ThrowsAsync<ClosureNotShippableException>(() => days.Map(time => time.ToUniversalTime().Hour).CollectAsync());
            foreach (var part in new[] { "DateTime.ToUniversalTime (in ", $"'{TimeZoneInfo.Local.Id}'", $"'{s_elsewhere}'", "capture a TimeZoneInfo", "MicroSpark:TimeZone" })
            {
                Assert.Contains(part, error.Message, StringComparison.Ordinal);
            }

            await Assert.ThrowsAsync<ClosureNotShippableException>(() => days.Filter(time => Helper(time) > 3).CountAsync());
            foreach (var zone in TimeZoneInfo.GetSystemTimeZones())
            {
                Assert.Equal(TimeZoneInfo.ConvertTimeToUtc(s_noon, zone), await spark.Parallelize([s_noon], 1).Map(time => TimeZoneInfo.ConvertTimeToUtc(time, zone)).FirstAsync());
            }

            Assert.Equal(8, await days.Map(time => DateTime.SpecifyKind(time, DateTimeKind.Utc)).Distinct().CountAsync());
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    [Fact]
    public async Task The_setting_gives_workers_the_clients_zone()
    {
        using var database = new SqliteDatabase();
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(TimeZoneInfo.Local.Id, out _) ? TimeZoneInfo.Local.Id : "Etc/UTC";
        var silo = await SiloProcess.StartAsync(
            [.. database.Settings, $"--MicroSpark:TimeZone={zone}"], new Dictionary<string, string> { ["TZ"] = s_elsewhere });
        try
        {
            await using var spark = await ConnectAsync(database);
            var local = await spark.Parallelize([s_noon], 1).Map(time => (time.ToUniversalTime(), TimeZoneInfo.Local.Id)).FirstAsync();
            Assert.Equal((s_noon.ToUniversalTime(), zone), local);
        }
        finally
        {
            await ClusterAsserts.StopAllAsync([silo]);
        }
    }

    private static int Helper(DateTime time) => time.ToLocalTime().Hour;

    private static Task<MicroSparkContext> ConnectAsync(SqliteDatabase database) => MicroSparkContext.ConnectAsync(o =>
    {
        o.ClusterId = database.Options().ClusterId;
        o.Membership = database.Options().Membership;
        o.SecretFile = database.SecretFile;
    });
}
