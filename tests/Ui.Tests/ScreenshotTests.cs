using MicroSpark.Tests.Infrastructure;
using Microsoft.Playwright;

namespace MicroSpark.Tests;

/// <summary>Makes the pictures of docs/ui.md; run by eng/screenshots.sh.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ScreenshotTests(BrowserFixture browser)
{
    private static readonly SemaphoreSlim s_began = new(0);
    private static readonly ManualResetEventSlim s_go = new(false);

    [ScreenshotFact]
    public async Task Each_view_in_light_and_dark()
    {
        var folder = ScreenshotFactAttribute.Folder!;
        await using var scene = await Scene.StartAsync();
        await scene.Spark.Parallelize(Enumerable.Range(0, 200_000), 16).Map(i => (double)i).SetName("measurements").Cache().CountAsync();
        var words = scene.Spark.Parallelize(Enumerable.Range(0, 400_000), 12).Map(i => (Word: "w" + (i * 31 % 997), Count: 1)).ReduceByKey((a, b) => a + b);
        await words.TakeOrderedAsync(5);
        var skewed = await SkewedAsync(scene);
        var running = scene.Spark.Parallelize(Enumerable.Range(0, 40), 40).Map(Hold).CountAsync();
        await s_began.WaitAsync();
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var window = await browser.OpenAsync(1280, 860, scheme);
            await window.EnterAsync(scene.Spark);
            foreach (var (view, ready) in new[]
            {
                ("overview", "tbody tr"), ($"job/{skewed}", "canvas[data-tiles]"), ("datasets", "tbody tr"), ("workers", ".card"), ("advice", ".advice"),
            })
            {
                await window.GoAsync(view);
                await window.Page.WaitForSelectorAsync(ready);

                // A stack has the paths of the machine that built the program.
                await window.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(one => { one.open = false; })");
                var name = $"ui-{view.Split('/')[0]}-{scheme.ToString().ToLowerInvariant()}.png";
                await window.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name), FullPage = view.StartsWith("job", StringComparison.Ordinal) });
            }
        }

        await using (var narrow = await browser.OpenAsync(400, 860))
        {
            await narrow.EnterAsync(scene.Spark);
            await narrow.GoAsync($"job/{skewed}");
            await narrow.Page.WaitForSelectorAsync("canvas[data-tiles]");
            await narrow.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, "ui-job-narrow.png"), FullPage = true });
        }

        s_go.Set();
        Assert.Equal(40, await running);
    }

    /// <summary>Three stages: one task of the first fails once, one partition of the second has nearly all elements.</summary>
    private static async Task<JobId> SkewedAsync(Scene scene)
    {
        await scene.Spark.Parallelize(Enumerable.Range(0, 300_000), 12)
            .MapPartitions(Scene.Stumble)
            .Map(i => (Customer: i % 10 == 0 ? i % 97 : 7, Amount: (double)i))
            .GroupByKey(8)
            .Map(orders => (Group: orders.Key % 3, Median: MedianOf(orders.Values)))
            .ReduceByKey((a, b) => a + b)
            .CollectAsync();
        return (await scene.Spark.JobsAsync()).First(job => job.Name == "CollectAsync").Id;
    }

    /// <summary>By trying each value: slow where there are many, as a first version often is.</summary>
    private static double MedianOf(IReadOnlyList<double> values)
    {
        var some = values.Take(12_000).ToArray();
        return some.MinBy(value => Math.Abs(some.Count(other => other < value) - (some.Length / 2)));
    }

    private static int Hold(int element)
    {
        if (element >= 6)
        {
            s_began.Release();
            s_go.Wait();
        }

        return element;
    }
}
