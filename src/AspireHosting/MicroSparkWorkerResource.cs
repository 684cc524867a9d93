using Aspire.Hosting.ApplicationModel;

namespace MicroSpark;

/// <summary>A worker of a cluster in an app host: a process that runs <c>microspark worker</c>.</summary>
public sealed class MicroSparkWorkerResource : ExecutableResource
{
    internal MicroSparkWorkerResource(string name, string command, string folder)
        : base(name, command, folder)
    {
    }

    /// <summary>The page about the cluster, which the worker has on loopback.</summary>
    public EndpointReference Page => new(this, PageEndpoint);

    internal const string PageEndpoint = "page";

    /// <summary>Whether it has said so since it was started.</summary>
    internal bool IsReady
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }
}
