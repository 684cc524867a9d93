using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MicroSpark.Hosting;

/// <summary>Whether the host's context can run a job now.</summary>
internal sealed class MicroSparkHealthCheck(HostedContext hosted) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!hosted.IsOpen)
        {
            return Failed("The host has not started yet, and its MicroSpark context with it.");
        }

        try
        {
            var workers = await hosted.Context.WorkersAsync(cancellationToken);
            return workers.Count > 0
                ? HealthCheckResult.Healthy($"{workers.Count} workers, {workers.Sum(static worker => worker.Slots)} slots")
                : Failed("No worker of the cluster answers.");
        }
        catch (ObjectDisposedException)
        {
            return Failed("The MicroSpark context is closed: the host stops.");
        }

        HealthCheckResult Failed(string why) => new(context.Registration.FailureStatus, why);
    }
}
