namespace MicroSpark;

/// <summary>
/// A secret of somebody's own: who connects with it is known by its name, and may do what its role says. The cluster's own secret
/// (<see cref="MicroSparkOptions.Secret"/>) keeps all roles.
/// </summary>
public sealed class SecretOptions
{
    /// <summary>
    /// Who it is, for the audit and as the owner of jobs: 1 to 64 of <c>A-Z a-z 0-9 . _ @ -</c>, once in the list. No default.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>What its holder may do. Default <see cref="PrincipalRole.Read"/>.</summary>
    public PrincipalRole Role { get; set; } = PrincipalRole.Read;

    /// <summary>
    /// A file that only this user can read and that holds the secret, or two of them, as <see cref="MicroSparkOptions.SecretFile"/>. It
    /// must be there, and is read again when it changes. No default.
    /// </summary>
    public string File { get; set; } = "";

    /// <summary>
    /// Whether its holder may bring plans, assemblies and data to the workers. <b>Whoever may can do all that the workers' user can.</b>
    /// Without it one may submit only what lies at the workers already. A worker may in any case, and <see cref="PrincipalRole.Read"/>
    /// never. Default false.
    /// </summary>
    public bool Upload { get; set; }

    /// <summary>
    /// The part of a worker's slots that its jobs have while others want slots too, 1 to 100, beside that of each other name and of the
    /// cluster's own secret, which has 1. It is shared by its programs, as <see cref="SchedulingOptions.Weights"/> say. Default 1.
    /// </summary>
    public int Weight { get; set; } = 1;

    /// <summary>
    /// How many of its jobs may run or wait at each worker that drives them, 1 to 1,000,000: what it submits beyond that is refused.
    /// Default: no limit.
    /// </summary>
    public int? MaxJobs { get; set; }

    /// <summary>
    /// Bytes of plans, assemblies and data that it may have brought to each worker and that are there, as <c>512MB</c>, 1 MB or more. What
    /// it has not used for ten minutes makes room; an upload that still does not fit is refused. Default: no limit.
    /// </summary>
    public string? MaxUploads { get; set; }

    /// <summary>
    /// The part of each worker's <see cref="MicroSparkOptions.MemoryBudget"/> that its blocks and its tasks may hold, as <c>4GB</c>, 16 MB
    /// or more. Within it they live as on a worker whose whole budget is that large: its blocks go to disk or are dropped to make room for
    /// its tasks, and nobody else's. Default: no limit.
    /// </summary>
    public string? MaxMemory { get; set; }

    /// <summary>
    /// Bytes that its tasks and blocks may have in each worker's spill files, as <c>100GB</c>, 1 MB or more. What nobody needs now makes
    /// room; a task that still has too much for it fails there, as on a full disk. Default: no limit.
    /// </summary>
    public string? MaxSpill { get; set; }
}

/// <summary>What the holder of a named secret may do.</summary>
public enum PrincipalRole
{
    /// <summary>See names, states and figures of all jobs, workers and kept data; no value, error text or log line.</summary>
    Read,

    /// <summary>Also submit jobs, and have the results of the own ones, watch and cancel them.</summary>
    Submit,

    /// <summary>Also see and cancel the jobs of all.</summary>
    Admin,

    /// <summary>Join the cluster as a worker. It has all rights, since a worker runs everybody's code.</summary>
    Worker,
}
