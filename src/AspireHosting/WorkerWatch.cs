using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MicroSpark.AspireHosting;

/// <summary>
/// Follows the workers of a cluster while the app host runs: what they say, which tells when one is ready, and their states, of which the
/// cluster's own follows.
/// </summary>
internal sealed class WorkerWatch(MicroSparkResource spark, IServiceProvider services, ILogger logger)
{
    /// <summary>Of the line by which a worker says that it can be given tasks.</summary>
    private const string Ready = "MicroSpark worker ready";

    private readonly ResourceNotificationService _notifications = services.GetRequiredService<ResourceNotificationService>();
    private readonly ResourceLoggerService _lines = services.GetRequiredService<ResourceLoggerService>();

    /// <param name="stopping">Ends it, without an exception.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            var lines = spark.Workers.OfType<MicroSparkWorkerResource>().Select(worker => FollowLinesAsync(worker, stopping));
            await Task.WhenAll([FollowStatesAsync(stopping), .. lines]);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            logger.LogDebug("The app host stops.");
        }
    }

    private async Task FollowLinesAsync(MicroSparkWorkerResource worker, CancellationToken stopping)
    {
        await foreach (var lines in _lines.WatchAsync(worker).WithCancellation(stopping))
        {
            if (lines.Any(static line => line.Content.Contains(Ready, StringComparison.Ordinal)))
            {
                worker.IsReady = true;
            }
        }
    }

    private async Task FollowStatesAsync(CancellationToken stopping)
    {
        var state = KnownResourceStates.Starting;
        await TellAsync(state);
        var workers = spark.Workers.ToDictionary(static worker => worker, static _ => Readiness.Starting);
        await foreach (var change in _notifications.WatchAsync(stopping))
        {
            if (!workers.ContainsKey(change.Resource))
            {
                continue;
            }

            var now = ClusterState.Of(change.Snapshot);
            if (now == Readiness.Ended && change.Resource is MicroSparkWorkerResource ended)
            {
                // Started again, it says it again.
                ended.IsReady = false;
            }

            workers[change.Resource] = now;
            var next = ClusterState.After(state, workers.Values);
            if (next != state)
            {
                state = next;
                await TellAsync(state);
            }
        }
    }

    private Task TellAsync(string state)
    {
        logger.LogInformation("The cluster's state is {State}.", state);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return _notifications.PublishUpdateAsync(spark, before => before with
        {
            State = state,
            StartTimeStamp = state == KnownResourceStates.Running ? now : before.StartTimeStamp,
            StopTimeStamp = KnownResourceStates.TerminalStates.Contains(state) ? now : null,
            ExitCode = null,
        });
    }
}
