using System.Reflection;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace MicroSpark.Tests;

/// <summary>The resources of an app host, as it has them before it runs.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly AppHosts _hosts = new();

    private static string Version { get; } = typeof(MicroSparkResource).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public async Task A_worker_is_the_tool_of_this_version_with_a_page_a_check_and_measurements()
    {
        var builder = _hosts.New();
        var spark = builder.AddMicroSpark("spark").WithWorkers(2).WithSetting("Slots", "4").WithSetting("Retry:MaxTaskFailures", "2");

        var workers = builder.Resources.OfType<MicroSparkWorkerResource>().ToArray();
        Assert.Equal(["spark-worker-1", "spark-worker-2"], workers.Select(worker => worker.Name));
        Assert.Equal(workers, spark.Resource.Workers);
        foreach (var worker in workers)
        {
            Assert.Equal("dotnet", worker.Command);
            Assert.Equal(["tool", "exec", $"MicroSpark.Tool@{Version}", "--yes", "--", "worker"], await AppHosts.ArgumentsAsync(worker));
            var variables = await AppHosts.EnvironmentAsync(worker);
            Assert.Equal(("4", "2"), (variables["MICROSPARK__SLOTS"], variables["MICROSPARK__RETRY__MAXTASKFAILURES"]));
            Assert.Contains("targetPort", variables["MICROSPARK__SILO__UIPORT"], StringComparison.Ordinal);
            var page = Assert.Single(worker.Annotations.OfType<EndpointAnnotation>());
            Assert.Equal(("page", "http", false), (page.Name, page.UriScheme, page.IsProxied));
            Assert.Equal($"{worker.Name}-ready", Assert.Single(worker.Annotations.OfType<HealthCheckAnnotation>()).Key);
            Assert.Single(worker.Annotations.OfType<OtlpExporterAnnotation>());
            var parent = worker.Annotations.OfType<ResourceRelationshipAnnotation>().Single(relation => relation.Type == "Parent");
            Assert.Same(spark.Resource, parent.Resource);
            var urls = new ResourceUrlsCallbackContext(
                new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), worker,
                [new ResourceUrlAnnotation { Url = "http://127.0.0.1:7000", Endpoint = worker.Page }]);
            foreach (var callback in worker.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
            {
                await callback.Callback(urls);
            }

            Assert.Equal("Page of the cluster", Assert.Single(urls.Urls).DisplayText);
        }

        Assert.Contains(spark.Resource.Annotations.OfType<ResourceCommandAnnotation>(), command => command.DisplayName == "Link to the page");
        spark.WithWorkers(1);
        Assert.Equal("spark-worker-1", Assert.Single(builder.Resources.OfType<MicroSparkWorkerResource>()).Name);
    }

    [Fact]
    public async Task Who_refers_to_the_cluster_is_told_where_it_meets_and_nothing_else()
    {
        var builder = _hosts.New();
        var spark = builder.AddMicroSpark("spark").WithSetting("Slots", "4");
        var web = builder.AddProject<WebProject>("web").WithReference(spark).WaitFor(spark);

        var told = await AppHosts.EnvironmentAsync(web.Resource);
        var worker = await AppHosts.EnvironmentAsync(spark.Resource.Workers.Single());

        var folder = Path.Combine(_hosts.Folder, ".microspark", "spark");
        Assert.Equal(
            ["MICROSPARK__CLUSTERID", "MICROSPARK__MEMBERSHIP__CONNECTIONSTRING", "MICROSPARK__MEMBERSHIP__PROVIDER", "MICROSPARK__SECRETFILE"],
            told.Keys.Order(StringComparer.Ordinal));
        Assert.Matches("^spark-[0-9a-f]{8}$", told["MICROSPARK__CLUSTERID"]);
        Assert.Equal("Sqlite", told["MICROSPARK__MEMBERSHIP__PROVIDER"]);
        Assert.Equal($"data source={Path.Combine(folder, "cluster.db")}", told["MICROSPARK__MEMBERSHIP__CONNECTIONSTRING"], ignoreCase: true);
        Assert.Equal(Path.Combine(folder, "secret"), told["MICROSPARK__SECRETFILE"]);
        Assert.All(told, one => Assert.Equal(one.Value, worker[one.Key]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }

        Assert.Same(spark.Resource, Assert.Single(web.Resource.Annotations.OfType<WaitAnnotation>()).Resource);
        Assert.Contains(
            web.Resource.Annotations.OfType<ResourceRelationshipAnnotation>(),
            relation => relation.Type == "Reference" && relation.Resource == spark.Resource);

        // As the host of the project reads them.
        var options = new MicroSparkOptions();
        Configuration(told).GetSection("MicroSpark").Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        Assert.Equal("Sqlite", options.Membership.Provider);
    }

    [Fact]
    public async Task Each_run_is_a_cluster_of_its_own_unless_it_is_named()
    {
        var first = _hosts.New().AddMicroSpark("spark");
        var second = _hosts.New().AddMicroSpark("spark");
        var named = _hosts.New().AddMicroSpark("spark").WithSetting("ClusterId", "shop");
        var web = named.ApplicationBuilder.AddProject<WebProject>("web").WithReference(named);

        Assert.NotEqual(await IdOfAsync(first.Resource.Workers[0]), await IdOfAsync(second.Resource.Workers[0]));
        Assert.Equal(("shop", "shop"), (await IdOfAsync(named.Resource.Workers[0]), await IdOfAsync(web.Resource)));

        static async Task<string> IdOfAsync(IResource resource) => (await AppHosts.EnvironmentAsync(resource))["MICROSPARK__CLUSTERID"];
    }

    [Fact]
    public async Task A_database_and_a_secret_of_the_app_hosts_are_the_clusters()
    {
        var builder = _hosts.New("--ConnectionStrings:cluster=Host=db;Database=cluster", "--Parameters:secret=0123");
        var database = builder.AddConnectionString("cluster");
        var spark = builder.AddMicroSpark("spark").WithMembership(database).WithWorkers(2).WithSecret(builder.AddParameter("secret", secret: true));
        var web = builder.AddProject<WebProject>("web").WithReference(spark);

        foreach (var resource in spark.Resource.Workers.Append(web.Resource))
        {
            var told = await AppHosts.EnvironmentAsync(resource);
            Assert.Equal("PostgreSql", told["MICROSPARK__MEMBERSHIP__PROVIDER"]);
            Assert.Equal("Host=db;Database=cluster", told["MICROSPARK__MEMBERSHIP__CONNECTIONSTRING"]);
            Assert.Equal("0123", told["MICROSPARK__SECRET"]);
            Assert.DoesNotContain("MICROSPARK__SECRETFILE", told.Keys);
        }

        Assert.All(
            spark.Resource.Workers,
            worker => Assert.Same(database.Resource, Assert.Single(worker.Annotations.OfType<WaitAnnotation>()).Resource));
        Assert.False(Directory.Exists(Path.Combine(_hosts.Folder, ".microspark")));
    }

    [Fact]
    public async Task What_is_published_needs_a_database_and_a_secret_that_are_there_too()
    {
        var builder = _hosts.New("--ConnectionStrings:cluster=Host=db", "--Parameters:secret=0123");
        var spark = builder.AddMicroSpark("spark");
        var web = builder.AddProject<WebProject>("web").WithReference(spark);

        var refused = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => AppHosts.EnvironmentAsync(web.Resource, DistributedApplicationOperation.Publish));
        Assert.Contains("WithMembership", refused.Message, StringComparison.Ordinal);

        spark.WithMembership(builder.AddConnectionString("cluster")).WithSecret(builder.AddParameter("secret", secret: true));
        var told = await AppHosts.EnvironmentAsync(web.Resource, DistributedApplicationOperation.Publish);

        Assert.Equal("spark", told["MICROSPARK__CLUSTERID"]);
        Assert.Equal("{cluster.connectionString}", told["MICROSPARK__MEMBERSHIP__CONNECTIONSTRING"]);
        Assert.Equal("{secret.value}", told["MICROSPARK__SECRET"]);
        Assert.All(
            spark.Resource.Workers.Append(spark.Resource),
            resource => Assert.Contains(ManifestPublishingCallbackAnnotation.Ignore, resource.Annotations));
    }

    [Fact]
    public async Task A_command_takes_the_tools_place()
    {
        var spark = _hosts.New().AddMicroSpark("spark").WithWorkerCommand("microspark", "worker").WithWorkers(2);

        foreach (var worker in spark.Resource.Workers.Cast<MicroSparkWorkerResource>())
        {
            Assert.Equal("microspark", worker.Command);
            Assert.Equal(["worker"], await AppHosts.ArgumentsAsync(worker));
        }
    }

    [Fact]
    public async Task Workers_of_a_project_get_what_its_host_reads()
    {
        var builder = _hosts.New();
        var spark = builder.AddMicroSpark("spark").WithWorkerProject<WebProject>(2, worker => worker.WithEnvironment("MICROSPARK__EXTRA", "1"));

        Assert.Equal(["spark-worker-1", "spark-worker-2"], builder.Resources.OfType<ProjectResource>().Select(worker => worker.Name));
        Assert.Empty(builder.Resources.OfType<MicroSparkWorkerResource>());
        foreach (var worker in spark.Resource.Workers)
        {
            var told = await AppHosts.EnvironmentAsync(worker);
            Assert.Equal("1", told["MICROSPARK__EXTRA"]);
            Assert.Equal("System.Data.SQLite", told["CLUSTER__INVARIANT"]);
            Assert.Equal(told["MICROSPARK__MEMBERSHIP__CONNECTIONSTRING"], told["CLUSTER__CONNECTIONSTRING"]);
            Assert.All(["CLUSTER__SILOPORT", "CLUSTER__GATEWAYPORT"], port => Assert.Contains("targetPort", told[port], StringComparison.Ordinal));
        }

        Assert.Throws<InvalidOperationException>(() => spark.WithWorkers(3));
        Assert.Throws<InvalidOperationException>(() => spark.WithWorkerCommand("microspark", "worker"));
    }

    [Theory]
    [InlineData("Secret", "WithSecret")]
    [InlineData("membership:provider", "WithMembership")]
    [InlineData("Silo:UiPort", "page")]
    [InlineData("MicroSpark:Slots", "section")]
    public void A_setting_that_has_a_method_is_refused_with_its_name(string setting, string instead)
    {
        var spark = _hosts.New().AddMicroSpark("spark");

        var refused = Assert.Throws<ArgumentException>(() => spark.WithSetting(setting, "1"));

        Assert.Contains(instead, refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => spark.WithWorkers(0));
    }

    /// <summary>An app host's own libraries are its own business; those of programs stay free of Aspire's.</summary>
    [Fact]
    public void No_other_library_knows_Aspire()
    {
        Assert.DoesNotContain(
            new[] { typeof(MicroSparkServiceExtensions), typeof(MicroSparkContext), typeof(MicroSparkOptions) }
                .SelectMany(type => type.Assembly.GetReferencedAssemblies()),
            name => name.Name!.StartsWith("Aspire", StringComparison.Ordinal));
        Assert.DoesNotContain(
            typeof(MicroSparkResource).Assembly.GetReferencedAssemblies(),
            name => Regex.IsMatch(name.Name!, "^(MicroSpark|Orleans)"));
    }

    private static IConfiguration Configuration(Dictionary<string, string> variables) => new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Select(one => KeyValuePair.Create(one.Key.Replace("__", ":", StringComparison.Ordinal), (string?)one.Value)))
        .Build();
}
