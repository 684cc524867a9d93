using MicroSpark.Grains.Figures;
using Microsoft.AspNetCore.Http;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// The cluster as Server-Sent Events. It is looked at four times a second: what is told is of other silos, which send nobody anything while
/// nobody looks, so there is no signal to wait for. A look is told at once when a job or a worker has come, gone or ended, twice a second
/// while there is progress, and else when a second is over: that time passes is no news. All who follow look at the same moments, and all
/// who see the same are sent the same bytes: at first all, from then on what has changed.
/// </summary>
internal sealed class EventStream
{
    private static readonly byte[] s_again = "retry: 250\n"u8.ToArray();
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_progress = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_leastOften = TimeSpan.FromSeconds(1);

    /// <summary>A viewer that wakes a little before the next look is not to wait for the one after.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);

    private readonly ClusterFeed _feed;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly SharedAnswer<Frame> _frames;
    private long _looked;

    public EventStream(ClusterFeed feed, TimeProvider time, CancellationToken stopping)
    {
        (_feed, _time, _stopping) = (feed, time, stopping);
        _frames = new SharedAnswer<Frame>(LookAsync, s_look, time);
    }

    /// <param name="mayStay">Asked before each look: who follows uses the cookie, and one that is good no more ends the stream.</param>
    public async Task FollowAsync(HttpContext context, Viewer viewer, Func<bool> mayStay)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        Frame? told = null;
        while (mayStay())
        {
            var frame = await _frames.GetAsync();
            if (told is null)
            {
                // A stream that has ended is opened again at once, and asked whether it may.
                await context.Response.Body.WriteAsync(s_again, stop.Token);
            }

            if (frame != told)
            {
                await context.Response.Body.WriteAsync(frame.Bytes(told, viewer), stop.Token);
                await context.Response.Body.FlushAsync(stop.Token);
                told = frame;
            }

            var due = s_look - _time.GetElapsedTime(Interlocked.Read(ref _looked));
            await Task.Delay(due > s_shortest ? due : s_shortest, _time, stop.Token);
        }
    }

    /// <summary>The next frame; the last one again when there is nothing to tell.</summary>
    private async Task<Frame> LookAsync()
    {
        var look = await _feed.NowAsync();
        Interlocked.Exchange(ref _looked, _time.GetTimestamp());
        var state = StateOf(look.Cluster);
        return _frames.Last is { } last && _time.GetElapsedTime(last.At) + s_shortest < DueAfter(last.State, state)
            ? last : new Frame(look, state, _time.GetTimestamp(), _frames.Last);
    }

    /// <summary>How old the last frame must be for another one.</summary>
    internal static TimeSpan DueAfter((int News, int Progress) told, (int News, int Progress) now) =>
        told.News != now.News ? TimeSpan.Zero : told.Progress != now.Progress ? s_progress : s_leastOften;

    /// <summary>Other numbers when there is news, or progress.</summary>
    internal static (int News, int Progress) StateOf(ClusterShape cluster)
    {
        var (news, progress) = (default(HashCode), default(HashCode));
        foreach (var worker in cluster.Workers)
        {
            news.Add(worker.Id);
            progress.Add(worker.SlotsBusy);
        }

        foreach (var job in cluster.Jobs)
        {
            news.Add(job.Id);
            news.Add(job.State);
            news.Add(job.Waits);
            progress.Add(job.TasksDone);
            progress.Add(job.TasksTotal);
            progress.Add(job.StagesDone);
        }

        return (news.ToHashCode(), progress.ToHashCode());
    }

    /// <summary>What is told at one moment, as bytes that are made once.</summary>
    private sealed class Frame
    {
        private readonly ClusterLook _look;
        private readonly Sights _whole;
        private readonly Sights _change;
        private readonly WeakReference<Frame> _before;

        public Frame(ClusterLook look, (int News, int Progress) state, long at, Frame? before)
        {
            (_look, State, At, _before) = (look, state, at, new WeakReference<Frame>(before!));
            _whole = new Sights(viewer => EventOf(_look.Json(viewer)));
            var cluster = before?._look.Cluster;
            _change = new Sights(viewer => cluster is not null && ClusterChange.Of(cluster, _look.Cluster) is { } change
                ? EventOf(UiJson.Of(change.For(viewer.Look))) : _whole.Of(viewer));
        }

        public (int News, int Progress) State { get; }

        public long At { get; }

        /// <summary>What a viewer needs who was told a frame before; null when it was told nothing.</summary>
        public byte[] Bytes(Frame? told, Viewer viewer) =>
            (told is not null && _before.TryGetTarget(out var before) && before == told ? _change : _whole).Of(viewer);

        private static byte[] EventOf(byte[] json) => [.. "data: "u8, .. json, .. "\n\n"u8];
    }
}
