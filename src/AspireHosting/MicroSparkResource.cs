using Aspire.Hosting.ApplicationModel;
using MicroSpark.AspireHosting;

namespace MicroSpark;

/// <summary>
/// A cluster of MicroSpark in an app host: what its workers and those who refer to it have in common. The workers are resources of their
/// own. It runs when all of them are ready, and as long as one of them is.
/// </summary>
public sealed class MicroSparkResource : Resource
{
    private readonly List<IResource> _workers = [];

    internal MicroSparkResource(string name, ClusterPlace place)
        : base(name) => Place = place;

    /// <summary>Its workers: of the tool, of a command or of a project.</summary>
    public IReadOnlyList<IResource> Workers => _workers;

    internal ClusterPlace Place { get; }

    /// <summary>By full name, <c>Silo:Port</c>. A text, or something that Aspire makes one of.</summary>
    internal Dictionary<string, object> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal WorkerCommand Command { get; set; } = WorkerCommand.Tool;

    /// <summary>Health checks that have been named.</summary>
    internal HashSet<string> Checks { get; } = [];

    internal List<IResource> WorkerList => _workers;
}
