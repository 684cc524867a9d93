using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using MicroSpark.AspireHosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark;

/// <summary>A cluster of MicroSpark in an Aspire app host.</summary>
public static class MicroSparkBuilderExtensions
{
    /// <summary>
    /// Adds a cluster with one worker, which is the tool <c>MicroSpark.Tool</c> of this package's version. Its members meet in a SQLite
    /// file beside a secret, in a folder of the app host's that only its user can enter; each run of the app host is a cluster of its own.
    /// </summary>
    /// <param name="builder">The app host.</param>
    /// <param name="name">The cluster's name, which its workers' names begin with.</param>
    public static IResourceBuilder<MicroSparkResource> AddMicroSpark(
        this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var store = builder.Configuration["Aspire:Store:Path"] ?? Path.Combine(builder.AppHostDirectory, "obj");
        var run = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..8];
        var spark = builder.AddResource(
            new MicroSparkResource(name, new ClusterPlace(Path.GetFullPath(Path.Combine(store, ".microspark", name)), run)));
        return spark
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "MicroSpark",
                State = KnownResourceStates.NotStarted,
                Properties = [],
            })
            .ExcludeFromManifest()
            .OnInitializeResource(static (resource, start, stopping) =>
                new WorkerWatch(resource, start.Services, start.Logger).RunAsync(stopping))
            .WithCommand(
                PageLink.Name, "Link to the page",
                context => PageLink.AskAsync(spark.Resource, context.CancellationToken),
                new CommandOptions
                {
                    Description = "A link that lets one browser into the page of the cluster.",
                    IconName = "Open",
                    UpdateState = static state => state.ResourceSnapshot.State?.Text == KnownResourceStates.Running
                        ? ResourceCommandState.Enabled
                        : ResourceCommandState.Disabled,
                })
            .WithWorkers(1);
    }

    /// <summary>
    /// Says how many workers there are: processes on the app host's machine. Each has as many slots as the machine has cores, unless
    /// <see cref="WithSetting(IResourceBuilder{MicroSparkResource}, string, string)"/> sets <c>Slots</c>.
    /// </summary>
    /// <param name="spark">The cluster.</param>
    /// <param name="count">1 or more. Default of a cluster: 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    /// <exception cref="InvalidOperationException">The cluster has workers of a project.</exception>
    public static IResourceBuilder<MicroSparkResource> WithWorkers(this IResourceBuilder<MicroSparkResource> spark, int count)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var workers = spark.Resource.WorkerList;
        if (workers.Any(static worker => worker is not MicroSparkWorkerResource))
        {
            throw new InvalidOperationException(
                $"The workers of '{spark.Resource.Name}' are a project's: their count is the one given to WithWorkerProject.");
        }

        while (workers.Count > count)
        {
            spark.RemoveWorker();
        }

        while (workers.Count < count)
        {
            spark.AddWorker();
        }

        return spark;
    }

    /// <summary>
    /// Lets the cluster meet in a database of its own or in one that others use too: PostgreSQL by default. Its tables are made where they
    /// are missing. Workers wait for it.
    /// </summary>
    /// <param name="spark">The cluster.</param>
    /// <param name="database">A database, as of <c>AddPostgres("db").AddDatabase("cluster")</c> or <c>AddConnectionString("cluster")</c>.
    /// </param>
    /// <param name="provider">The setting <c>Membership:Provider</c>.</param>
    public static IResourceBuilder<MicroSparkResource> WithMembership(
        this IResourceBuilder<MicroSparkResource> spark, IResourceBuilder<IResourceWithConnectionString> database,
        string provider = "PostgreSql")
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(database);
        ArgumentException.ThrowIfNullOrEmpty(provider);
        spark.Resource.Place.Membership = (provider, database.Resource);
        foreach (var worker in spark.Resource.Workers.OfType<IResourceWithWaitSupport>())
        {
            spark.ApplicationBuilder.CreateResourceBuilder(worker).WaitFor(database);
        }

        return spark.WithReferenceRelationship(database);
    }

    /// <summary>
    /// The cluster's secret, as <c>microspark secret</c> prints it, from a parameter that is marked as secret. Default: a file beside the
    /// database's, made when it is needed first.
    /// </summary>
    public static IResourceBuilder<MicroSparkResource> WithSecret(
        this IResourceBuilder<MicroSparkResource> spark, IResourceBuilder<ParameterResource> secret)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(secret);
        spark.Resource.Place.Secret = secret.Resource;
        return spark;
    }

    /// <summary>
    /// A setting of the workers, by its name in <c>MicroSparkOptions</c>: <c>WithSetting("Slots", "2")</c>,
    /// <c>WithSetting("History:Directory", folder)</c>. <c>ClusterId</c> and <c>Tls:Authority</c> are also told to those who refer to the
    /// cluster, since all must agree on them.
    /// </summary>
    /// <param name="spark">The cluster.</param>
    /// <param name="name">Without the section. A worker ends that is given one that there is not.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentException">There is a method for the setting, or Aspire gives it.</exception>
    public static IResourceBuilder<MicroSparkResource> WithSetting(
        this IResourceBuilder<MicroSparkResource> spark, string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return spark.Set(name, value);
    }

    /// <summary>The same with a value that a parameter has.</summary>
    /// <inheritdoc cref="WithSetting(IResourceBuilder{MicroSparkResource}, string, string)" />
    public static IResourceBuilder<MicroSparkResource> WithSetting(
        this IResourceBuilder<MicroSparkResource> spark, string name, IResourceBuilder<ParameterResource> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return spark.Set(name, value.Resource);
    }

    /// <summary>
    /// What is run as a worker instead of the tool: something else that is <c>microspark worker</c>, as the console or <c>src/Silo</c> of a
    /// clone, or an installed tool. It is ready when it says so on its output.
    /// </summary>
    /// <param name="spark">The cluster.</param>
    /// <param name="command">A program, by its path or as the system finds it.</param>
    /// <param name="arguments">All of its arguments.</param>
    /// <exception cref="InvalidOperationException">The cluster has workers of a project.</exception>
    public static IResourceBuilder<MicroSparkResource> WithWorkerCommand(
        this IResourceBuilder<MicroSparkResource> spark, string command, params string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentException.ThrowIfNullOrEmpty(command);
        ArgumentNullException.ThrowIfNull(arguments);
        spark.WithWorkers(spark.Resource.Workers.Count);
        spark.Resource.Command = new WorkerCommand(command, [.. arguments]);
        foreach (var worker in spark.Resource.Workers.OfType<MicroSparkWorkerResource>())
        {
            spark.ApplicationBuilder.CreateResourceBuilder(worker).WithCommand(command);
        }

        return spark;
    }

    /// <summary>
    /// Has workers in hosts of your own instead: a project of the template <c>microspark-worker</c>, whose silo meets the others by
    /// <c>Cluster:Invariant</c> and <c>Cluster:ConnectionString</c> on <c>Cluster:SiloPort</c> and <c>Cluster:GatewayPort</c>, or one that
    /// reads the section <c>MicroSpark</c>. It is ready when it runs and its health checks, if it has any, say so.
    /// </summary>
    /// <typeparam name="TProject">The project, of the namespace <c>Projects</c>.</typeparam>
    /// <param name="spark">The cluster.</param>
    /// <param name="count">How many of them, 1 or more.</param>
    /// <param name="configure">Changes each one's resource.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static IResourceBuilder<MicroSparkResource> WithWorkerProject<TProject>(
        this IResourceBuilder<MicroSparkResource> spark, int count = 1, Action<IResourceBuilder<ProjectResource>>? configure = null)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        while (spark.Resource.Workers.Count > 0)
        {
            spark.RemoveWorker();
        }

        for (var number = 1; number <= count; number++)
        {
            var project = spark.ApplicationBuilder.AddProject<TProject>(spark.WorkerName(number))
                .WithEndpoint(scheme: "tcp", name: "silo", env: "CLUSTER__SILOPORT", isProxied: false)
                .WithEndpoint(scheme: "tcp", name: "gateway", env: "CLUSTER__GATEWAYPORT", isProxied: false);
            spark.AsWorker(project);
            project.WithEnvironment(context => WorkerBuilding.WriteOwnHost(context, spark.Resource.Place));
            configure?.Invoke(project);
        }

        return spark;
    }

    /// <summary>
    /// Tells a project or another program of the cluster: <c>builder.Services.AddMicroSpark()</c> of MicroSpark.Hosting connects to it
    /// then, and so does <c>MicroSparkContext.ConnectAsync()</c>. With <c>WaitFor(spark)</c> it starts when all workers are ready.
    /// </summary>
    /// <typeparam name="TResource">What is told: a project, an executable, a container.</typeparam>
    /// <param name="builder">What is told.</param>
    /// <param name="spark">The cluster.</param>
    public static IResourceBuilder<TResource> WithReference<TResource>(
        this IResourceBuilder<TResource> builder, IResourceBuilder<MicroSparkResource> spark)
        where TResource : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spark);
        return builder
            .WithEnvironment(context => spark.Resource.Place.WriteTo(context, spark.Resource, isWorker: false))
            .WithReferenceRelationship(spark);
    }

    private static IResourceBuilder<MicroSparkResource> Set(
        this IResourceBuilder<MicroSparkResource> spark, string name, object value)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var instead = name.Split(':')[0].ToUpperInvariant() switch
        {
            "MEMBERSHIP" => "Call WithMembership.",
            "SECRET" => "Call WithSecret: what stands in an app host's source is no secret.",
            "MICROSPARK" => "Leave the section out, as in \"Slots\".",
            _ => name.Equals("Silo:UiPort", StringComparison.OrdinalIgnoreCase) ? "Each worker has its endpoint 'page'." : null,
        };
        if (instead is not null)
        {
            throw new ArgumentException($"{name} is no setting for WithSetting. {instead}", nameof(name));
        }

        spark.Resource.Settings[name] = value;
        return spark;
    }
}
