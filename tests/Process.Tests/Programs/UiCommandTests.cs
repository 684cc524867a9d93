using System.Net;
using System.Text.Json;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Programs;

/// <summary>A worker process has a page, and lets in who knows the cluster's secret.</summary>
[Collection(TwoWorkersCollection.Name)]
public sealed class UiCommandTests(TwoWorkers cluster)
{
    [Fact]
    public async Task A_worker_shows_the_cluster_to_whoever_has_a_link_of_the_console()
    {
        await using var spark = await cluster.ConnectAsync();
        await spark.Range(0, 1000, 1, 4).CountAsync();
        var link = new Uri((await Cli.OutputAsync(cluster.Settings, "ui")).Trim());
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(link)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(link)).StatusCode);

        using var page = JsonDocument.Parse(await http.GetStringAsync(new Uri(link, "/api/v1/cluster")));
        Assert.Equal(2, page.RootElement.GetProperty("workers").GetArrayLength());
        Assert.Contains(page.RootElement.GetProperty("jobs").EnumerateArray(), job => job.GetProperty("name").GetString() == "CountAsync");
        Assert.Equal("""{"control":false,"name":"cluster","role":"admin"}""", await http.GetStringAsync(new Uri(link, "/api/v1/session")));

        var job = (await spark.JobsAsync())[0].Id;
        using var detail = JsonDocument.Parse(await http.GetStringAsync(new Uri(link, $"/api/v1/jobs/{job}")));
        Assert.InRange(detail.RootElement.GetProperty("tasks").GetInt32(), 4, 8);

        using var other = new HttpClient();
        var control = new Uri((await Cli.OutputAsync(cluster.Settings, "ui", "--control")).Trim());
        await other.GetAsync(control);
        Assert.Equal("""{"control":true,"name":"cluster","role":"admin"}""", await other.GetStringAsync(new Uri(control, "/api/v1/session")));
    }
}
