using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using MicroSpark.Grains.Figures;
using MicroSpark.Grains.Ui;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace MicroSpark.Tests;

/// <summary>A page that stays open for days must not grow: hours of events are told to it as fast as it takes them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ReplayTests(BrowserFixture browser, ITestOutputHelper output)
{
    /// <summary>Seconds that one stream tells of, with an event for each; then the browser opens the next one.</summary>
    private const int StreamSeconds = 900;

    private const int Workers = 3;
    private const int ListedJobs = 50;
    private const int JobEvery = 3;
    private const int JobSeconds = 10;

    [Fact]
    public Task Two_hours_leave_heap_and_nodes_as_after_one() => ReplayAsync(hours: 2);

    [MeasureFact]
    public Task A_day_leaves_heap_and_nodes_as_after_an_hour() => ReplayAsync(hours: 24);

    [Fact]
    public async Task Going_from_view_to_view_leaves_heap_nodes_and_connections_as_they_were()
    {
        long connections = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Microsoft.AspNetCore.Server.Kestrel", Name: "kestrel.active_connections" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref connections, change));
        listener.Start();
        await using var scene = await Scene.StartAsync(1);
        var job = await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark);
        var cdp = await window.Page.Context.NewCDPSessionAsync(window.Page);
        await VisitAsync(window, job, times: 5);
        var (before, open) = (await FootprintAsync(cdp), Interlocked.Read(ref connections));
        await VisitAsync(window, job, times: 25);
        AssertFlat(before, await FootprintAsync(cdp));

        // A browser opens six to a server at most, and none for each view.
        Assert.InRange(Interlocked.Read(ref connections), 1, Math.Max(open, 6));
        window.AssertClean(scene.Origin);
    }

    private static async Task VisitAsync(Window window, JobId job, int times)
    {
        for (var i = 0; i < times; i++)
        {
            foreach (var view in new[] { $"job/{job}", "datasets", "workers", "advice", "overview" })
            {
                // Not by a wait of the driver's, whose answers hold nodes of the page.
                await window.Page.EvaluateAsync(
                    """
                    async view => {
                      location.hash = '#/' + view;
                      const drawn = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
                      do await drawn(); while (!document.querySelector('main h1'));
                    }
                    """, view);
            }
        }

        await window.UntilAsync("() => document.querySelectorAll('tbody tr').length === 1 && document.querySelectorAll('.figure').length > 0");
    }

    private async Task ReplayAsync(int hours)
    {
        await using var scene = await Scene.StartAsync(1);
        await using var window = await browser.OpenAsync();
        var told = 0;
        using var more = new SemaphoreSlim(0);
        await window.Page.RouteAsync("**/api/v1/events", async route =>
        {
            var stream = Interlocked.Increment(ref told) - 1;
            more.Release();
            await route.FulfillAsync(new RouteFulfillOptions
            {
                ContentType = "text/event-stream; charset=utf-8",
                Body = stream < hours * 3600 / StreamSeconds ? StreamOf(stream) : "retry: 3600000\n\n",
            });
        });
        await window.EnterAsync(scene.Spark);
        var cdp = await window.Page.Context.NewCDPSessionAsync(window.Page);
        var first = default(Footprint);
        for (var hour = 0; hour <= hours; hour++)
        {
            // The stream after an hour's last one is asked for when all of the hour has been taken.
            for (var i = 0; i < (hour == 0 ? 1 : 3600 / StreamSeconds); i++)
            {
                await more.WaitAsync();
            }

            var now = await FootprintAsync(cdp);
            first = hour == 1 ? now : first;
            output.WriteLine($"after {hour} h: {now.Heap / 1024.0 / 1024:0.0} MB of heap, {now.Nodes} nodes, {now.Listeners} listeners");
        }

        AssertFlat(first, await FootprintAsync(cdp));
        await window.UntilAsync("id => document.querySelector('tbody').innerHTML.includes(id)", IdOf(((hours * 3600) - 1) / JobEvery));
    }

    private static void AssertFlat(Footprint before, Footprint after)
    {
        Assert.InRange(after.Heap, 0, (before.Heap * 1.25) + 1_000_000);
        Assert.InRange(after.Nodes, 0, (before.Nodes * 1.25) + 200);
        Assert.InRange(after.Listeners, 0, (before.Listeners * 1.25) + 50);
    }

    /// <summary>What is left after a collection; the least of some, since the page may be drawing just then.</summary>
    private static async Task<Footprint> FootprintAsync(ICDPSession cdp)
    {
        var least = new Footprint(double.MaxValue, double.MaxValue, double.MaxValue);
        for (var i = 0; i < 5; i++)
        {
            var one = await CollectedAsync(cdp);
            least = new Footprint(Math.Min(least.Heap, one.Heap), Math.Min(least.Nodes, one.Nodes), Math.Min(least.Listeners, one.Listeners));
        }

        return least;
    }

    private static async Task<Footprint> CollectedAsync(ICDPSession cdp)
    {
        await cdp.SendAsync("Performance.enable");
        await cdp.SendAsync("HeapProfiler.collectGarbage");
        var metrics = (await cdp.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray()
            .ToDictionary(static one => one.GetProperty("name").GetString()!, static one => one.GetProperty("value").GetDouble());
        return new Footprint(metrics["JSHeapUsedSize"], metrics["Nodes"], metrics["JSEventListeners"]);
    }

    private static string StreamOf(int stream)
    {
        var text = new System.Text.StringBuilder("retry: 0\n");
        ClusterShape? before = null;
        for (var i = 0; i < StreamSeconds; i++)
        {
            var now = At((stream * StreamSeconds) + i);
            var json = before is not null && ClusterChange.Of(before, now) is { } change ? UiJson.Of(change) : UiJson.Of(now);
            text.Append("data: ").Append(System.Text.Encoding.UTF8.GetString(json)).Append("\n\n");
            before = now;
        }

        return text.ToString();
    }

    /// <summary>A cluster that begins a job now and then, at a second of its life.</summary>
    private static ClusterShape At(int second)
    {
        var unix = 1_800_000_000L + second;
        var workers = Enumerable.Range(0, Workers).Select(i => new WorkerShape(
            $"w{i}", $"worker {i}", $"127.0.0.1:{11111 + i}", 2, (second + i) % 3, 0, 1_000_000 + second, 100_000_000,
            200_000_000 + (second % 97 * 100_000), second % 5, second % 11 * 1_000, Seconds(s => (s + i) % 3.0), Seconds(s => (long)s * i)));
        var newest = second / JobEvery;
        var jobs = Enumerable.Range(Math.Max(0, newest - ListedJobs + 1), Math.Min(newest + 1, ListedJobs)).Reverse().Select(job =>
        {
            var runs = second - (job * JobEvery);
            var done = Math.Min(runs, JobSeconds);
            return new JobShape(
                IdOf(job), $"job {job}", null, runs < JobSeconds ? "running" : "succeeded", (1_800_000_000.0 + (job * JobEvery)) * 1000,
                done, done / 5, 2, done * 10, JobSeconds * 10, done * 1_000, done * 100, 0, null, null);
        });
        return new ClusterShape(
            unix * 1000.0, [.. workers],
            new TimelineShape(
                unix - ClusterFeed.Seconds + 1, Seconds(s => s % 7.0), Seconds(s => (int)s % 50), Seconds(s => (int)(s % 100 / 99)),
                Seconds(s => (long)s * 10), Seconds(s => (long)s), Seconds(_ => 0L)),
            [.. jobs.OrderByDescending(static job => job.State == "running").ThenByDescending(static job => job.Started)]);

        T[] Seconds<T>(Func<double, T> of) => [.. Enumerable.Range(0, ClusterFeed.Seconds).Select(i => of(second + i))];
    }

    private static string IdOf(int job) => job.ToString("x32", CultureInfo.InvariantCulture);

    private readonly record struct Footprint(double Heap, double Nodes, double Listeners);
}
