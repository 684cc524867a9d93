using MicroSpark.Grains.Figures;
using Microsoft.AspNetCore.Http;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// The cluster as Server-Sent Events. It is looked at four times a second: what is told is of other silos, which send nobody anything while
/// nobody looks, so there is no signal to wait for. Each look is told while anything runs, else when something has changed or a second is
/// over.
/// </summary>
internal sealed class EventStream(ClusterFeed feed, TimeProvider time, CancellationToken stopping)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_leastOften = TimeSpan.FromSeconds(1);
    private static readonly byte[] s_event = "data: "u8.ToArray();
    private static readonly byte[] s_eventEnd = "\n\n"u8.ToArray();

    /// <param name="mayStay">Asked before each look: who follows uses the cookie, and one that is good no more ends the stream.</param>
    public async Task FollowAsync(HttpContext context, Func<bool> mayStay)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        var (told, toldAt) = (0, time.GetTimestamp());
        while (mayStay())
        {
            var look = await feed.NowAsync();
            var state = StateOf(look.Cluster);
            if (state != told || time.GetElapsedTime(toldAt) >= s_leastOften
                || Array.Exists(look.Cluster.Jobs, static job => job.State == "running"))
            {
                (told, toldAt) = (state, time.GetTimestamp());
                await context.Response.Body.WriteAsync(s_event, stop.Token);
                await context.Response.Body.WriteAsync(look.Json, stop.Token);
                await context.Response.Body.WriteAsync(s_eventEnd, stop.Token);
                await context.Response.Body.FlushAsync(stop.Token);
            }

            await Task.Delay(s_look, time, stop.Token);
        }
    }

    /// <summary>Another number when there is other news than that time passes.</summary>
    private static int StateOf(ClusterShape cluster)
    {
        var state = default(HashCode);
        foreach (var worker in cluster.Workers)
        {
            state.Add(worker.Id);
            state.Add(worker.SlotsBusy);
        }

        foreach (var job in cluster.Jobs)
        {
            state.Add(job.Id);
            state.Add(job.State);
        }

        return state.ToHashCode();
    }
}
