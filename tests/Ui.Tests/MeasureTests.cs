using System.Diagnostics;
using MicroSpark.Tests.Infrastructure;
using Xunit.Abstractions;

namespace MicroSpark.Tests;

/// <summary>Prints what docs/performance.md says of the page. Times depend on the machine, so nothing is asserted of them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class MeasureTests(BrowserFixture browser, ITestOutputHelper output)
{
    private const int Tasks = 100_000;
    private const int Viewers = 5;
    private const int Times = 9;
    private const int Rounds = 3;

    private static readonly SemaphoreSlim s_began = new(0);
    private static readonly SemaphoreSlim s_go = new(0);
    private static readonly SemaphoreSlim s_never = new(0);

    [MeasureFact]
    public async Task A_hundred_thousand_tasks()
    {
        await using var scene = await Scene.StartAsync(1);
        await scene.Spark.Parallelize(Enumerable.Range(0, Tasks), Tasks).CountAsync();
        var job = (await scene.Spark.JobsAsync())[0].Id;
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark);
        var drawn = await window.Page.EvaluateAsync<double>(
            """
            async job => {
              const began = performance.now();
              location.hash = '#/job/' + job;
              while (!(document.querySelector('canvas')?.dataset.tiles > 0)) await new Promise(requestAnimationFrame);
              await new Promise(requestAnimationFrame);
              return performance.now() - began;
            }
            """, job.ToString());
        output.WriteLine($"from the click on a job of {Tasks:N0} tasks, whose history the page has not, to its stream: {drawn:0} ms");
        output.WriteLine($"tiles: {await window.Page.EvaluateAsync<string>("() => document.querySelector('canvas').dataset.tiles")}");
        var frames = await window.Page.EvaluateAsync<double[]>(
            """
            async () => {
              const canvas = document.querySelector('canvas'), spent = [];
              for (let i = 0; i < 60; i++) {
                const began = performance.now();
                canvas.dispatchEvent(new KeyboardEvent('keydown', { key: i < 8 ? '+' : i % 2 ? 'ArrowRight' : 'ArrowLeft', bubbles: true }));
                await new Promise(requestAnimationFrame);
                await new Promise(requestAnimationFrame);
                spent.push(performance.now() - began);
              }
              return spent;
            }
            """);
        var whole = frames.Order().ToArray();
        output.WriteLine($"from a key to the second frame after it: median {whole[30]:0.0} ms, most {whole[^1]:0.0} ms");
        window.AssertClean(scene.Origin);
    }

    [MeasureFact]
    public async Task From_event_to_pixel_and_what_viewers_cost()
    {
        await using var scene = await Scene.StartAsync(1);
        await using var other = await browser.OpenAsync();
        await other.Page.GotoAsync("data:text/html,nobody looks");
        await scene.ThreeStagesAsync();

        // What a silo that has just started compiles is not to be counted.
        await BusyAsync(other);
        output.WriteLine($"idle, nobody looks: {await BusyAsync(other):0.0} % of a core");
        var windows = new List<Window>();
        for (var i = 0; i < Viewers; i++)
        {
            windows.Add(await browser.OpenAsync());
            await windows[^1].EnterAsync(scene.Spark);
        }

        // What they ask for first is compiled meanwhile.
        await BusyAsync(other);
        output.WriteLine($"idle, {Viewers} viewers: {await BusyAsync(other):0.0} % of a core");
        var lengths = await windows[0].Page.EvaluateAsync<int[]>(
            """
            async () => {
              const reader = (await fetch('./api/v1/events')).body.getReader(), decoder = new TextDecoder();
              let text = '';
              while (text.split('\n\n').length < 4) text += decoder.decode((await reader.read()).value, { stream: true });
              await reader.cancel();
              return text.split('\n\n').slice(0, 3).map(event => event.length);
            }
            """);
        output.WriteLine($"events of an idle worker: the first {lengths[0]:N0} B, then {lengths[1]:N0} and {lengths[2]:N0} B");
        var times = new List<double>();
        for (var i = 0; i < Times; i++)
        {
            var running = scene.Spark.Parallelize(Enumerable.Range(0, 2), 2).Map(Hold).CountAsync();
            await s_began.WaitAsync();
            var clock = Stopwatch.StartNew();
            await windows[0].UntilAsync("() => document.querySelector('button[aria-label^=\"Cancel\"]') !== null");
            times.Add(clock.Elapsed.TotalMilliseconds);
            if (i == Times - 1)
            {
                await BusyAsync(other);
                output.WriteLine($"with a job that runs, {Viewers} viewers: {await BusyAsync(other):0.0} % of a core");
            }

            await s_began.WaitAsync();
            s_go.Release(2);
            await running;
            await windows[0].UntilAsync("() => document.querySelector('button[aria-label^=\"Cancel\"]') === null");
        }

        times.Sort();
        output.WriteLine($"from a task's begin to the job on the page: median {times[Times / 2]:0} ms, most {times[^1]:0} ms");
        foreach (var window in windows)
        {
            await window.DisposeAsync();
        }
    }

    /// <summary>
    /// The same minutes of the same process with nobody, one and five who look at the overview, and five who look at the job, with a job
    /// that runs and without: in turns, so that what else the machine does is in all of them.
    /// </summary>
    [MeasureFact]
    public async Task What_viewers_cost_in_turns()
    {
        await using var scene = await Scene.StartAsync(1);
        await using var other = await browser.OpenAsync();
        await other.Page.GotoAsync("data:text/html,nobody looks");
        await scene.ThreeStagesAsync();
        var windows = new List<Window>();
        for (var i = 0; i < Viewers; i++)
        {
            windows.Add(await browser.OpenAsync());
            await windows[^1].EnterAsync(scene.Spark);
        }

        var spent = new Dictionary<string, List<double>>();
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var kind in new[] { "idle", "a job waits", "100 tasks a second" })
            {
                using var stop = new CancellationTokenSource();
                var running = kind == "idle" ? null
                    : scene.Spark.Parallelize(Enumerable.Range(0, 50_000), 50_000).Map((Func<int, int>)(kind == "a job waits" ? Hold : Turn)).CountAsync(stop.Token);
                var job = "";
                if (running is not null)
                {
                    await s_began.WaitAsync();
                    job = (await scene.Spark.JobsAsync()).First(one => one.State == JobState.Running).Id.ToString();
                }

                foreach (var (what, looking, view) in new[] { ("nobody looks", 0, ""), ("five at the overview", Viewers, "overview"), ("five at the job", Viewers, "job/" + job) })
                {
                    if (view == "job/")
                    {
                        continue;
                    }

                    for (var i = 0; i < Viewers; i++)
                    {
                        await windows[i].Page.GotoAsync(i < looking ? $"{scene.Origin}/#/{view}" : "about:blank");
                    }

                    // What they ask for at first is not to be counted, nor what is compiled in the first round.
                    await other.Page.EvaluateAsync("() => new Promise(done => setTimeout(done, 1000))");
                    var part = await BusyAsync(other, 6);
                    if (round > 0)
                    {
                        var name = $"{kind}, {what}";
                        (spent.TryGetValue(name, out var list) ? list : spent[name] = []).Add(part);
                    }
                }

                if (running is not null)
                {
                    await stop.CancelAsync();
                    s_go.Release(2);
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
                    while (s_began.Wait(0) || s_go.Wait(0))
                    {
                    }
                }
            }
        }

        foreach (var (name, parts) in spent)
        {
            output.WriteLine($"{name}: {string.Join(", ", parts.Order().Select(part => $"{part:0.0}"))} % of a core");
        }

        foreach (var window in windows)
        {
            await window.DisposeAsync();
        }
    }

    /// <summary>This process's part of a core in some seconds; the browser has its own.</summary>
    private static async Task<double> BusyAsync(Window window, int seconds = 10)
    {
        var (before, clock) = (Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.StartNew());
        await window.Page.EvaluateAsync("seconds => new Promise(done => setTimeout(done, 1000 * seconds))", seconds);
        return 100 * (Process.GetCurrentProcess().TotalProcessorTime - before) / clock.Elapsed;
    }

    /// <summary>A task of 20 ms that takes no processor time.</summary>
    private static int Turn(int element)
    {
        s_began.Release();
        s_never.Wait(20);
        return element;
    }

    private static int Hold(int element)
    {
        s_began.Release();
        s_go.Wait();
        return element;
    }
}
