namespace MicroSpark.Driver;

/// <summary>
/// Decides where the contexts of a submitted program run. The console's choice goes before the program's own, so the same compiled program
/// runs embedded and on a cluster.
/// </summary>
/// <param name="Place">The place that the console was given.</param>
/// <param name="Workers">Embedded silos when the place is <see cref="LaunchPlace.Embedded"/>.</param>
/// <param name="Opened">Told of each context, for its progress and to cancel its jobs.</param>
internal sealed record Launch(LaunchPlace Place, int Workers, Action<MicroSparkContext> Opened)
{
    private static readonly AsyncLocal<Launch?> s_current = new();

    /// <summary>Whether a link to the page is printed for each context, also of a cluster.</summary>
    public bool Ui { get; init; }

    /// <summary>Whether what is printed goes to a log: no link is, since a log is read by others.</summary>
    public bool Detached { get; init; }

    /// <summary>The launch that this flow of execution belongs to; null in a program that runs by itself.</summary>
    public static Launch? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>How many embedded silos to start; null to connect to a cluster.</summary>
    /// <param name="asked">What the program itself asks for, in the same terms.</param>
    public int? WorkersFor(int? asked, MicroSparkOptions options) => Place switch
    {
        LaunchPlace.Embedded => Workers,
        LaunchPlace.Cluster => null,
        _ => asked ?? (options.Membership.IsInMemory ? 1 : null),
    };
}

/// <summary>Where a submitted program's contexts are.</summary>
internal enum LaunchPlace
{
    /// <summary>Where the program says; embedded when it wants a cluster and no membership is set.</summary>
    AsTheProgramAsks = 0,

    /// <summary>In the console's process.</summary>
    Embedded = 1,

    /// <summary>On the cluster that the settings describe.</summary>
    Cluster = 2,
}
