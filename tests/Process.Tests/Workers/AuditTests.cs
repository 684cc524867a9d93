using System.Net;
using System.Net.Sockets;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>A worker's log says who did what, and who was turned away, and never a secret.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task What_was_uploaded_submitted_cancelled_and_dropped_is_told_with_who_did_it()
    {
        using var database = new SqliteDatabase();
        await using var silo = await SiloProcess.StartAsync(database.Settings);
        await using (var spark = await MicroSparkContext.ConnectAsync(o =>
        {
            (o.Membership.Provider, o.Membership.ConnectionString) = ("Sqlite", database.ConnectionString);
            o.SecretFile = database.SecretFile;
        }))
        {
            var kept = spark.Range(0, 100, 1, 4).Map(n => n * 2).Persist(StorageLevel.MemoryOnly);
            Assert.Equal(100, await kept.CountAsync());
            await kept.UnpersistAsync();
            await spark.CancelAllJobsAsync();
            await spark.CancelJobAsync((await spark.JobsAsync())[0].Id);
        }

        silo.Terminate();
        await silo.WaitForExitAsync();
        var lines = silo.Errors.Split('\n').Where(static line => line.Contains(" Audit: ", StringComparison.Ordinal)).ToArray();
        var who = $" by {Environment.UserName}@{Environment.MachineName}/";
        foreach (var act in new[] { "upload", "submit", "cancel", "drop" })
        {
            Assert.Contains(lines, line => line.Contains($"Audit: {act}{who}", StringComparison.Ordinal));
        }

        Assert.DoesNotContain(
            (await File.ReadAllTextAsync(database.SecretFile)).Trim(), silo.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_is_told_of_and_does_not_fill_the_log()
    {
        using var database = new SqliteDatabase();
        await using var silo = await SiloProcess.StartAsync(database.Settings);
        foreach (var port in new[] { silo.SiloPort, silo.GatewayPort })
        {
            for (var i = 0; i < 100; i++)
            {
                using var stranger = new TcpClient();
                await stranger.ConnectAsync(IPAddress.Loopback, port);
                await stranger.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
                Assert.Equal(0, await stranger.GetStream().ReadAsync(new byte[1]));
            }
        }

        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await http.GetAsync($"http://127.0.0.1:{silo.DataPort}/blobs/")).StatusCode);
        silo.Terminate();
        await silo.WaitForExitAsync();
        var lines = silo.Errors.Split('\n').Where(static line => line.Contains("Audit: refused 127.0.0.1:", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(lines);
        Assert.True(lines.Length < 50, $"{lines.Length} lines were written for 200 connections.");
    }
}
