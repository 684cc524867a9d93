using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MicroSpark.AspireHosting;

/// <summary>How a cluster's workers are put into the app host, and taken out of it.</summary>
internal static class WorkerBuilding
{
    public static string WorkerName(this IResourceBuilder<MicroSparkResource> spark, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{spark.Resource.Name}-worker-{number}");

    public static void AddWorker(this IResourceBuilder<MicroSparkResource> spark)
    {
        var builder = spark.ApplicationBuilder;
        var resource = new MicroSparkWorkerResource(
            spark.WorkerName(spark.Resource.Workers.Count + 1), spark.Resource.Command.Program, builder.AppHostDirectory);
        var check = $"{resource.Name}-ready";
        if (spark.Resource.Checks.Add(check))
        {
            // A worker of this name may be taken out and come again; the check stays, and names are used once.
            var cluster = spark.Resource;
            builder.Services.AddHealthChecks().AddCheck(check, () => cluster.Workers.OfType<MicroSparkWorkerResource>()
                .FirstOrDefault(worker => $"{worker.Name}-ready" == check) is not { IsReady: false }
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("The worker has not said yet that it is ready. Its log says what it does."));
        }

        var worker = builder.AddResource(resource)
            .WithArgs(context =>
            {
                foreach (var argument in spark.Resource.Command.Arguments)
                {
                    context.Args.Add(argument);
                }
            })
            .WithHttpEndpoint(
                name: MicroSparkWorkerResource.PageEndpoint, env: ClusterPlace.VariableOf("Silo:UiPort"),
                isProxied: false) // The page answers to its own port's name only.
            .WithUrlForEndpoint(MicroSparkWorkerResource.PageEndpoint, static url => url.DisplayText = "Page of the cluster")
            .WithHealthCheck(check)
            .OnBeforeResourceStarted((_, _, stopping) => spark.Resource.Command == WorkerCommand.Tool
                ? Tool.FetchAsync(builder.AppHostDirectory, stopping)
                : Task.CompletedTask)
            .WithOtlpExporter()
            .ExcludeFromManifest();
        spark.AsWorker(worker);
    }

    public static void AsWorker<TWorker>(this IResourceBuilder<MicroSparkResource> spark, IResourceBuilder<TWorker> worker)
        where TWorker : IResourceWithEnvironment, IResourceWithWaitSupport
    {
        worker
            .WithEnvironment(context => spark.Resource.Place.WriteTo(context, spark.Resource, isWorker: true))
            .WithParentRelationship(spark);
        if (spark.Resource.Place.Membership is { Database: var database })
        {
            worker.WaitFor(spark.ApplicationBuilder.CreateResourceBuilder(database));
        }

        spark.Resource.WorkerList.Add(worker.Resource);
    }

    /// <summary>The last one.</summary>
    public static void RemoveWorker(this IResourceBuilder<MicroSparkResource> spark)
    {
        var workers = spark.Resource.WorkerList;
        spark.ApplicationBuilder.Resources.Remove(workers[^1]);
        workers.RemoveAt(workers.Count - 1);
    }

    /// <summary>What the template's host reads beside the section <c>MicroSpark</c>: the same place, by Orleans' names.</summary>
    public static void WriteOwnHost(EnvironmentCallbackContext context, ClusterPlace place)
    {
        context.EnvironmentVariables["CLUSTER__INVARIANT"] = place.Membership?.Provider switch
        {
            null or ClusterPlace.Sqlite => "System.Data.SQLite",
            "PostgreSql" => "Npgsql",
            var other => other,
        };
        context.EnvironmentVariables["CLUSTER__CONNECTIONSTRING"] =
            context.EnvironmentVariables[ClusterPlace.VariableOf("Membership:ConnectionString")];
    }
}
