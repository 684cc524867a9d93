using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using MicroSpark.Client.Events;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace MicroSpark.Tests;

/// <summary>The page as a browser shows it: no view makes an error, and none asks another host for anything.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PageTests(BrowserFixture browser)
{
    private const string Hostile = "</script><img src=x onerror=\"window.hacked=1\">";

    /// <summary>Opened by the tasks of a job that is to be cancelled; one at a time.</summary>
    private static readonly SemaphoreSlim s_began = new(0);
    private static readonly ManualResetEventSlim s_never = new(false);

    [Fact]
    public async Task The_overview_shows_what_the_cluster_did_before_it_was_opened()
    {
        await using var scene = await Scene.StartAsync();
        await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark);
        await window.UntilAsync("() => document.querySelectorAll('tbody tr').length === 1");
        var text = await window.TextAsync();
        Assert.Contains("CountAsync", text, StringComparison.Ordinal);
        Assert.Contains("succeeded", text, StringComparison.Ordinal);
        Assert.Contains("24/24", text, StringComparison.Ordinal);
        await window.UntilAsync("() => document.querySelector('.figure').innerText.includes('0 / 4')");
        Assert.Equal("live", await window.TextAsync(".link"));
        Assert.DoesNotContain("code=", window.Page.Url, StringComparison.Ordinal);
        window.AssertClean(scene.Origin);
    }

    [Fact]
    public async Task A_job_shows_its_stages_with_the_lines_of_its_source()
    {
        await using var scene = await Scene.StartAsync();
        var job = await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark, $"job/{job}");
        await window.UntilAsync("() => document.querySelector('canvas')?.dataset.tiles > 0");
        var graph = await window.TextAsync(".graph");
        Assert.Contains("1 GroupByKey → Map", graph, StringComparison.Ordinal);
        Assert.Contains("for GroupByKey", graph, StringComparison.Ordinal);
        Assert.Contains("Scene.cs:", graph, StringComparison.Ordinal);
        Assert.Equal(3, await window.Page.Locator(".graph g.stage").CountAsync());
        var text = await window.TextAsync();
        Assert.Contains("attempt 1 failed, failure 1 of 4 that it may have: System.FormatException: no number in partition 3", text, StringComparison.Ordinal);
        Assert.Matches("attempt 2 began, .* later, on .* and succeeded in", text);

        // The line that threw is there to be read; the rest of the stack is folded.
        Assert.Matches(@"System\.FormatException: no number in partition 3\s+thrown at Scene\.cs:\d+, in attempt 1 at partition 3 of stage 0 Parallelize → MapPartitions → Map", text);
        Assert.DoesNotContain("Stumble", text, StringComparison.Ordinal);
        await window.Page.ClickAsync(".failures summary");
        Assert.Contains("Stumble", await window.TextAsync(".failures"), StringComparison.Ordinal);
        await window.Page.Locator(".graph g.stage").Nth(1).PressAsync("Enter");
        await window.UntilAsync("() => document.querySelector('.lines')?.innerText.includes('slowest')");

        // Nearer by keyboard, and back.
        await window.Page.FocusAsync("canvas");
        await window.Page.Keyboard.PressAsync("+");
        await window.UntilAsync("() => !document.querySelector('.tools button[aria-label=Earlier]').disabled");
        await window.Page.Keyboard.PressAsync("0");
        await window.UntilAsync("() => document.querySelector('.tools button[aria-label=Earlier]').disabled");
        window.AssertClean(scene.Origin);
    }

    /// <summary>What a picture shows is all that a reader of it has: each stage has one name, and the signs in the stream are told.</summary>
    [Fact]
    public async Task A_job_names_a_stage_alike_everywhere_and_says_what_its_signs_mean()
    {
        await using var scene = await Scene.StartAsync();
        var job = await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark, $"job/{job}");
        await window.UntilAsync("() => document.querySelector('canvas')?.dataset.tiles > 0");
        foreach (var place in new[] { ".graph", "section:has(> h2:text-is('Stages')) table", ".legend", "section:has(> h2:text-is('Slowest tasks')) table", ".spreads" })
        {
            var text = (await window.TextAsync(place)).ReplaceLineEndings(" ");
            foreach (var name in new[] { "0 Parallelize → MapPartitions → Map", "1 GroupByKey → Map", "→ Count" })
            {
                Assert.True(text.Contains(name, StringComparison.Ordinal), $"{place} does not name {name}: {text}");
            }
        }

        Assert.Contains("failed attempt", await window.TextAsync(".legend"), StringComparison.Ordinal);
        Assert.Equal("per task\tmin\t25 %\tmedian\t75 %\tmax", Regex.Replace(await window.TextAsync(".spreads thead"), @"\s*\t\s*", "\t").Trim());
        foreach (var quantity in new[] { "Time boxes from 0 to", "Read boxes from 0 to", "Written boxes from 0 to", "Records written boxes from 0 to" })
        {
            Assert.Contains(quantity, await window.TextAsync(".spreads"), StringComparison.Ordinal);
        }

        // It has ended: nothing of it is live.
        Assert.Equal("recorded", await window.TextAsync(".link"));
        await window.GoAsync("overview");
        await window.UntilAsync("() => document.querySelector('.link').innerText === 'live'");
        window.AssertClean(scene.Origin);
    }

    [Fact]
    public async Task A_slow_task_is_found_in_the_stream_by_keyboard_alone()
    {
        await using var scene = await Scene.StartAsync();
        var job = await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark, $"job/{job}");
        await window.UntilAsync("() => document.querySelector('canvas')?.dataset.tiles > 0");
        const string Pixels = "() => document.querySelector('canvas').toDataURL()";
        var before = await window.Page.EvaluateAsync<string>(Pixels);
        var first = window.Page.Locator("button[aria-label^='Partition ']").First;
        var name = await first.GetAttributeAsync("aria-label");
        Assert.Matches(@"^Partition \d+, attempt [12] of stage [012] .+ → .+$", name);
        await first.FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await window.UntilAsync("() => document.querySelector('.hover').innerText.startsWith('Chosen: partition ')");
        Assert.Equal("true", await first.GetAttributeAsync("aria-pressed"));
        Assert.NotEqual(before, await window.Page.EvaluateAsync<string>(Pixels));
        await window.Page.Keyboard.PressAsync("Enter");
        await window.UntilAsync("() => document.querySelector('.hover').innerText.startsWith('Point at a task')");
        window.AssertClean(scene.Origin);
    }

    [Fact]
    public async Task A_submitted_job_names_its_page()
    {
        await using var scene = await Scene.StartAsync(1);
        var job = await scene.Spark.SubmitAsync(() => scene.Spark.Range(0, 10, 1, 2).CountAsync());
        Assert.Equal($"CountAsync, job {job.Id}, {scene.Origin}/#/job/{job.Id}", job.ToString());
        Assert.Equal(10, await job.ResultAsync());
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark);
        await window.Page.GotoAsync($"{job}"[$"{job}".IndexOf("http", StringComparison.Ordinal)..]);
        await window.UntilAsync("() => document.querySelector('h1, h2')?.innerText.includes('CountAsync')");
        window.AssertClean(scene.Origin);
    }

    [Fact]
    public async Task A_running_job_is_cancelled_by_keyboard_alone()
    {
        await using var scene = await Scene.StartAsync(1);
        var running = scene.Spark.Parallelize(Enumerable.Range(0, 2), 2).Map(Wait).CountAsync();
        await s_began.WaitAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark);
        await window.UntilAsync("() => document.querySelector('button[aria-label^=\"Cancel\"]') !== null");
        for (var i = 0; await window.Page.EvaluateAsync<string>("() => document.activeElement?.getAttribute('aria-label') ?? ''") != "Cancel CountAsync"; i++)
        {
            Assert.True(i < 100, "Tab never came to the button.");
            await window.Page.Keyboard.PressAsync("Tab");
        }

        await window.Page.Keyboard.PressAsync("Enter");
        await window.UntilAsync("() => document.activeElement.innerText === 'Really cancel?'");
        await window.Page.Keyboard.PressAsync("Enter");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await window.UntilAsync("() => document.querySelector('main').innerText.includes('cancelled')");
        window.AssertClean(scene.Origin);
    }

    [Fact]
    public async Task Who_may_only_read_sees_no_buttons_that_change_anything()
    {
        await using var scene = await Scene.StartAsync(1);
        var kept = scene.Spark.Parallelize(Enumerable.Range(0, 100), 4).SetName("kept").Cache();
        await kept.CountAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark, "datasets", control: false);
        await window.UntilAsync("() => document.querySelectorAll('tbody tr').length === 1");
        Assert.Equal(0, await window.Page.Locator("main button").CountAsync());
        window.AssertClean(scene.Origin);
    }

    [Fact]
    public async Task A_persisted_RDD_is_listed_and_dropped()
    {
        await using var scene = await Scene.StartAsync();
        var kept = scene.Spark.Parallelize(Enumerable.Range(0, 1000), 4).Map(i => i + 1).SetName("kept numbers").Cache();
        await kept.CountAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark, "datasets");
        await window.UntilAsync("() => document.querySelector('main').innerText.includes('kept numbers')");
        Assert.Contains("4/4", await window.TextAsync(), StringComparison.Ordinal);
        var button = window.Page.Locator("main button");
        await button.ClickAsync();
        await button.ClickAsync();
        await window.UntilAsync("() => document.querySelector('main').innerText.includes('Nothing is persisted')");
        Assert.Empty(await scene.Spark.PersistentRddsAsync());
        Assert.Equal(1000, await kept.CountAsync());
        window.AssertClean(scene.Origin);
    }

    [Fact]
    public async Task Workers_and_advice_have_their_views()
    {
        await using var scene = await Scene.StartAsync(3);
        await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark, "workers");
        await window.UntilAsync("() => document.querySelectorAll('.card').length === 3");
        Assert.Contains("of 2 busy", await window.TextAsync(), StringComparison.Ordinal);
        await window.GoAsync("advice");
        await window.UntilAsync("() => !document.querySelector('main').innerText.includes('Looking…')");
        window.AssertClean(scene.Origin);
    }

    [Fact]
    public async Task What_tasks_said_is_shown_at_their_worker_as_text()
    {
        await using var scene = await Scene.StartAsync(1);
        await scene.Spark.Parallelize([1], 1).Map(Say).CountAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark, "workers");
        await window.Page.Locator("summary").FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await window.UntilAsync("() => document.querySelector('details td code') !== null");
        Assert.Equal(Hostile, await window.TextAsync("details td code"));
        Assert.False(await window.Page.EvaluateAsync<bool>("() => 'hacked' in window"));
        window.AssertClean(scene.Origin);
    }

    /// <summary>The first event has all, later ones what has changed: put together they are what a fresh look gives.</summary>
    [Fact]
    public async Task Who_follows_sees_what_a_fresh_look_shows()
    {
        await using var scene = await Scene.StartAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark);
        await scene.ThreeStagesAsync();
        await scene.ThreeStagesAsync("again");
        var answer = await window.Page.EvaluateAsync<string>(
            """
            async () => {
              const { current, follow } = await import('ui/feed');
              const events = n => new Promise(done => { const stop = follow(() => { if (--n === 0) { stop(); done(); } }); });
              while ((current().cluster?.jobs ?? []).filter(job => job.state === 'succeeded').length < 2) await events(1);
              await events(5);
              const followed = structuredClone(current().cluster);
              const fresh = await (await fetch('./api/v1/cluster')).json();
              const till = Math.min(followed.timeline.from, fresh.timeline.from) + followed.timeline.busy.length - 4;
              const known = (shape, list) => shape.slice(0, till - list.from);
              const seen = one => JSON.stringify([one.jobs, one.workers.map(w => [w.id, known(w.busy, one.timeline).slice(-60)]),
                ...['busy', 'tasks', 'failed', 'input', 'shuffled', 'spilled'].map(name => known(one.timeline[name], one.timeline).slice(-60))]);
              const lengths = [...Object.values(followed.timeline).slice(1), ...followed.workers.flatMap(w => [w.busy, w.remote])].map(list => list.length);
              return seen(followed) === seen(fresh) && lengths.every(n => n === 180) ? '' : `${seen(followed)}\n${seen(fresh)}\n${lengths}`;
            }
            """);
        Assert.Equal("", answer);
        window.AssertClean(scene.Origin);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Text_of_a_job_is_never_read_as_HTML(bool recorded)
    {
        await using var scene = await Scene.StartAsync(1);
        using (scene.Spark.JobGroup(Hostile))
        {
            var rdd = scene.Spark.Parallelize(Enumerable.Range(0, 4), 2).Map(i => i == 3 ? throw new FormatException(Hostile) : (Key: Hostile, Value: i))
                .ReduceByKey((a, b) => a + b).SetName(Hostile).Cache();
            await Assert.ThrowsAsync<JobFailedException>(() => rdd.CountAsync());
        }

        var job = (await scene.Spark.JobsAsync())[0].Id;
        await using var window = await browser.OpenAsync();
        using var folder = new TemporaryFolder();
        if (recorded)
        {
            var file = folder.Path("jobs.html");
            HistoryHtml.Write(file, scene.History());
            await window.Page.GotoAsync(new Uri(file).ToString());
        }
        else
        {
            await window.EnterAsync(scene.Spark);
        }

        await window.UntilAsync("() => document.querySelectorAll('tbody tr').length === 1");
        Assert.Contains(Hostile, await window.TextAsync(), StringComparison.Ordinal);
        await window.GoAsync($"job/{job}");
        await window.UntilAsync("() => document.querySelector('.failures li') !== null");
        Assert.Contains(Hostile, await window.TextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await window.Page.Locator("img").CountAsync());
        Assert.True(await window.Page.EvaluateAsync<bool>("() => window.hacked === undefined"));
        window.AssertClean(recorded ? "file:" : scene.Origin);
    }

    [Fact]
    public async Task A_log_is_one_file_that_opens_from_disk()
    {
        await using var scene = await Scene.StartAsync();
        var job = await scene.ThreeStagesAsync();
        using var folder = new TemporaryFolder();
        var file = folder.Path("jobs.html");
        HistoryHtml.Write(file, scene.History());
        await using var window = await browser.OpenAsync();
        await window.Page.GotoAsync(new Uri(file).ToString());
        await window.UntilAsync("() => document.querySelectorAll('tbody tr').length === 1");
        Assert.Equal("recorded", await window.TextAsync(".link"));
        await window.Page.ClickAsync("tbody a");
        await window.UntilAsync("() => document.querySelector('canvas')?.dataset.tiles > 0");
        Assert.Equal(3, await window.Page.Locator(".graph g.stage").CountAsync());
        Assert.Matches(@"no number in partition 3\s+thrown at Scene\.cs:\d+", await window.TextAsync());
        foreach (var view in new[] { "workers", "advice", $"job/{job}" })
        {
            await window.GoAsync(view);
        }

        window.AssertClean("file:");
    }

    /// <summary>What axe calls serious or critical: names of controls, contrast, order of headings, and the like.</summary>
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Each_view_can_be_used_by_all(ColorScheme scheme)
    {
        await using var scene = await Scene.StartAsync();
        await scene.Spark.Parallelize(Enumerable.Range(0, 100), 4).SetName("kept").Cache().CountAsync();
        var job = await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync(1280, 900, scheme);
        await window.EnterAsync(scene.Spark);
        foreach (var (view, ready) in new[]
        {
            ("overview", "tbody tr"), ($"job/{job}", "canvas[data-tiles]"), ("datasets", "tbody tr"), ("workers", ".card"), ("advice", "main p"),
        })
        {
            await window.GoAsync(view);
            await window.Page.WaitForSelectorAsync(ready);
            var found = await window.Page.RunAxe();
            Assert.Equal([], found.Violations.Where(one => one.Impact is "serious" or "critical").Select(one =>
                $"{view}: {one.Id}: {one.Help}: {string.Join("; ", one.Nodes.Select(node => node.Html))}"));
        }

        window.AssertClean(scene.Origin);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(1280)]
    public async Task Each_view_fits_the_width(int width)
    {
        await using var scene = await Scene.StartAsync();
        await scene.Spark.Parallelize(Enumerable.Range(0, 100), 4).SetName("kept").Cache().CountAsync();
        var job = await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync(width, 800, ColorScheme.Dark);
        await window.EnterAsync(scene.Spark);
        foreach (var view in new[] { "overview", $"job/{job}", "datasets", "workers", "advice" })
        {
            await window.GoAsync(view);
            await window.UntilAsync("() => document.querySelector('main').innerText.length > 60");
            Assert.Equal(width, await window.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));

            // No table is cut off at its right.
            Assert.Empty(await window.Page.EvaluateAsync<string[]>(
                "() => [...document.querySelectorAll('.scroll:has(table)')].filter(one => one.scrollWidth > one.clientWidth).map(one => one.getAttribute('aria-label'))"));
        }

        window.AssertClean(scene.Origin);
    }

    private static int Wait(int element)
    {
        s_began.Release();
        s_never.Wait();
        return element;
    }

    private static int Say(int element)
    {
        TaskContext.Current!.Logger.LogWarning("{Text}", Hostile);
        return element;
    }
}
