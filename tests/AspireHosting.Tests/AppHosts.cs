using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace MicroSpark.Tests;

/// <summary>App hosts with a folder of their own, and what they would give their resources.</summary>
internal sealed class AppHosts : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-aspire-");

    /// <summary>Where Aspire's orchestrator is; null where it is for another platform.</summary>
    public static string? Orchestrator => typeof(AppHosts).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .SingleOrDefault(one => one.Key == nameof(Orchestrator))?.Value;

    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "MicroSpark.sln")))
            {
                folder = folder.Parent!;
            }

            return folder.FullName;
        }
    }

    /// <summary>The console, which is the worker too, as it is built beside this assembly.</summary>
    public static string Console
    {
        get
        {
            var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(here.Parent!.Parent!.FullName, "Client", here.Name, "microspark-cli.dll");
        }
    }

    public string Folder => _folder.FullName;

    public IDistributedApplicationBuilder New(params string[] args)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true, Args = args });
        builder.Configuration["Aspire:Store:Path"] = Folder;
        return builder;
    }

    /// <summary>One that runs its resources, and ends when they have ended.</summary>
    public IDistributedApplicationBuilder NewRunning() => New(
        $"--DcpPublisher:CliPath={Orchestrator}", $"--DcpPublisher:DashboardPath={Orchestrator}", "--DcpPublisher:WaitForResourceCleanup=true",
        "--Logging:LogLevel:Default=Warning");

    /// <summary>The variables of a resource as texts. Of what is only known when it runs, such as its ports, there are the expressions.</summary>
    public static async Task<Dictionary<string, string>> EnvironmentAsync(
        IResource resource, DistributedApplicationOperation operation = DistributedApplicationOperation.Run)
    {
        var context = new EnvironmentCallbackContext(new DistributedApplicationExecutionContext(operation), resource);
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await callback.Callback(context);
        }

        var found = new Dictionary<string, string>();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            if (name.StartsWith("MICROSPARK__", StringComparison.Ordinal) || name.StartsWith("CLUSTER__", StringComparison.Ordinal))
            {
                found[name] = await TextAsync(value, operation);
            }
        }

        return found;
    }

    public static async Task<string[]> ArgumentsAsync(IResource resource)
    {
        var arguments = new List<object>();
        foreach (var callback in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await callback.Callback(new CommandLineArgsCallbackContext(arguments, resource));
        }

        return [.. arguments.Cast<string>()];
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<string> TextAsync(object value, DistributedApplicationOperation operation) => value switch
    {
        string text => text,
        IManifestExpressionProvider expression when operation == DistributedApplicationOperation.Publish => expression.ValueExpression,
        EndpointReferenceExpression { Endpoint.IsAllocated: false } port => port.ValueExpression,
        IValueProvider provider => await provider.GetValueAsync() ?? "",
        _ => throw new InvalidOperationException($"{value} of {value.GetType()} is no value."),
    };
}

/// <summary>A project as an app host knows it.</summary>
internal sealed class WebProject : IProjectMetadata
{
    public string ProjectPath => Path.Combine(AppHosts.Repository, "samples", "Web", "Web.csproj");
}
