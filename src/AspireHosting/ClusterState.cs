using Aspire.Hosting.ApplicationModel;

namespace MicroSpark.AspireHosting;

/// <summary>How one worker is, of what the dashboard knows of it.</summary>
internal enum Readiness
{
    Starting,
    Ready,
    Ended,
}

/// <summary>What the state of a cluster follows from: the states of its workers.</summary>
internal static class ClusterState
{
    /// <summary>
    /// Whoever waits for the cluster begins when all workers are ready. One that ends before tells them that it will not be. Later the
    /// cluster goes on with those that are left, and it has ended with the last one.
    /// </summary>
    /// <param name="before">The cluster's state as it was.</param>
    public static string After(string before, IReadOnlyCollection<Readiness> workers) =>
        workers.All(static worker => worker == Readiness.Ready) ? KnownResourceStates.Running
        : before == KnownResourceStates.Running
            ? workers.All(static worker => worker == Readiness.Ended) ? KnownResourceStates.Exited : before
        : workers.Contains(Readiness.Ended)
            ? before == KnownResourceStates.Exited ? before : KnownResourceStates.FailedToStart
        : KnownResourceStates.Starting;

    /// <summary>Healthy says nothing of a worker that does not run: Aspire leaves it empty then.</summary>
    public static Readiness Of(CustomResourceSnapshot worker) =>
        KnownResourceStates.TerminalStates.Contains(worker.State?.Text) ? Readiness.Ended
        : worker.State?.Text == KnownResourceStates.Running
            && worker.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy ? Readiness.Ready
        : Readiness.Starting;
}
