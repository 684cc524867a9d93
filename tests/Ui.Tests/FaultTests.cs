using System.Text.RegularExpressions;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Playwright;

namespace MicroSpark.Tests;

/// <summary>What the page does about an answer that is none: it asks again, or says so.</summary>
[Collection(BrowserCollection.Name)]
public sealed class FaultTests(BrowserFixture browser)
{
    [Theory]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/session")]
    public async Task A_page_whose_first_question_was_refused_comes_to_life_by_itself(string path)
    {
        await using var scene = await Scene.StartAsync(1);
        await scene.Spark.Parallelize(Enumerable.Range(0, 100), 4).SetName("kept").Cache().CountAsync();
        await using var window = await browser.OpenAsync();
        await RefuseAsync(window, path, times: 2);
        await window.EnterAsync(scene.Spark, "datasets");
        await window.UntilAsync("() => document.querySelector('.link').innerText === 'live'");
        await window.UntilAsync("() => document.querySelector('main button') !== null");
    }

    [Fact]
    public async Task A_stream_of_tasks_that_is_not_given_says_why()
    {
        await using var scene = await Scene.StartAsync(1);
        var job = await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync();
        await RefuseAsync(window, "/stream?", times: int.MaxValue);
        await window.EnterAsync(scene.Spark, $"job/{job}");
        await window.UntilAsync("() => document.querySelector('.stream .warning')?.innerText === 'Not now.'");
    }

    [Fact]
    public async Task A_change_that_is_refused_says_why()
    {
        await using var scene = await Scene.StartAsync(1);
        await scene.Spark.Parallelize(Enumerable.Range(0, 100), 4).SetName("kept").Cache().CountAsync();
        await using var window = await browser.OpenAsync();
        await RefuseAsync(window, "/unpersist", times: int.MaxValue);
        await window.EnterAsync(scene.Spark, "datasets");
        var button = window.Page.Locator("main button");
        await button.ClickAsync();
        await button.ClickAsync();
        await window.UntilAsync("() => document.querySelector('main [role=alert]')?.innerText === 'Not now.'");
        Assert.Single(await scene.Spark.PersistentRddsAsync());
    }

    private static Task RefuseAsync(Window window, string path, int times) => window.Page.RouteAsync(
        new Regex(Regex.Escape(path)),
        route => Interlocked.Decrement(ref times) >= 0
            ? route.FulfillAsync(new RouteFulfillOptions { Status = 503, ContentType = "text/plain", Body = "Not now." })
            : route.ContinueAsync());
}
