using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests;

/// <summary>A web service whose callers go away.</summary>
public sealed class AbortTests
{
    private const int Callers = 100;

    [Fact]
    public async Task It_keeps_answering_beside_callers_who_leave_and_nothing_of_them_stays()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var begun = Channel.CreateUnbounded<int>();
        await using var app = await StartAsync(begun.Writer);
        var spark = app.Services.GetRequiredService<MicroSparkContext>();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = Timeout.InfiniteTimeSpan };
        var aborts = Enumerable.Range(0, Callers).Select(_ => new CancellationTokenSource()).ToArray();

        var left = Enumerable.Range(0, Callers).Select(n => client.GetAsync($"/endless/{n}", aborts[n].Token)).ToArray();
        var answers = Enumerable.Range(0, Callers).Select(n => client.GetStringAsync($"/sum/{n}", patience.Token)).ToArray();
        for (var n = 0; n < Callers; n++)
        {
            await aborts[await begun.Reader.ReadAsync(patience.Token)].CancelAsync();
        }

        Assert.Equal(Enumerable.Range(0, Callers).Select(n => $"{n * (n - 1) / 2}"), await Task.WhenAll(answers));
        foreach (var request in left)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        }

        while ((await spark.JobsAsync(patience.Token)).Any(job => job.State == JobState.Running)
            || (await spark.WorkersAsync(patience.Token)).Any(worker => worker.SlotsBusy > 0))
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal(Callers, (await spark.JobsAsync(patience.Token)).Count(job => job.State == JobState.Succeeded));
        await app.StopAsync();
    }

    private static async Task<WebApplication> StartAsync(ChannelWriter<int> begun)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore().AddMicroSpark();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UseRouting();
        app.MapGet("/sum/{n}", (MicroSparkContext spark, int n, CancellationToken aborted) => spark.Range(n).SumAsync(aborted));
        app.MapGet("/endless/{n}", (MicroSparkContext spark, int n, CancellationToken aborted) =>
        {
            var job = spark.Range(0, long.MaxValue, 1, 2).Filter(number => number < 0).CountAsync(aborted);
            begun.TryWrite(n);
            return job;
        });
        await app.StartAsync();
        return app;
    }
}
