using Microsoft.Extensions.Logging;

namespace MicroSpark;

/// <summary>
/// All settings. Mirrors the section <c>MicroSpark</c> of appsettings.json; environment variables (<c>MICROSPARK__SLOTS=2</c>) override
/// that, code and command-line flags override both.
/// </summary>
public sealed class MicroSparkOptions
{
    /// <summary>Silos and clients with the same id form one cluster. Default <c>microspark</c>.</summary>
    public string ClusterId { get; set; } = "microspark";

    /// <summary>How silos find each other.</summary>
    public MembershipOptions Membership { get; set; } = new();

    /// <summary>Where this process listens.</summary>
    public SiloOptions Silo { get; set; } = new();

    /// <summary>
    /// Partitions computed at once on one silo, 1 to 1024. Default: cores divided by the silos of this process, at least 1.
    /// </summary>
    public int? Slots { get; set; }

    /// <summary>
    /// Default partition count of a context, 1 or more. Default: the slots of all live workers when the context connects.
    /// </summary>
    public int? DefaultParallelism { get; set; }

    /// <summary>How a silo's slots are shared between programs, job groups and jobs.</summary>
    public SchedulingOptions Scheduling { get; set; } = new();

    /// <summary>
    /// The name of this program, 1 to 200 characters: lists show it, and <see cref="SchedulingOptions.Weights"/> go by it. Default: the
    /// name of the process's entry assembly.
    /// </summary>
    public string? ApplicationName { get; set; }

    /// <summary>
    /// Bytes for cached blocks and working memory of one silo, as <c>512MB</c> (units B, KB, MB, GB; 1 KB = 1024 B), 16 MB or more.
    /// Default: 60 % of what the process may use, divided by its silos and the live workers of its host: those
    /// with the same address. It changes when they come or go.
    /// </summary>
    public string? MemoryBudget { get; set; }

    /// <summary>
    /// What the results of one action may take together, in memory, as <c>512MB</c>, 1 MB or more: an action that would bring more to the
    /// client fails and says what to do instead. Elements that are streamed or saved do not count. Default: half of what the client's
    /// process may use.
    /// </summary>
    public string? MaxResultSize { get; set; }

    /// <summary>
    /// The longest line of a text file, line of a JSON file or item of a JSON array, decompressed and in bytes, as <c>512MB</c>, 1 MB or
    /// more: a longer one fails its task, and the error names file and place. Beyond 1 GB it is 1 GB, what a string can hold. A row of a
    /// CSV file has 16 MB at most. Set on workers. Default: an eighth of what the process may use, at least 64 MB.
    /// </summary>
    public string? MaxLineSize { get; set; }

    /// <summary>
    /// How long a job may take, from its submission to its last result, as <c>00:05:00</c>: more than zero, up to 24 days. A job that takes
    /// longer is stopped as a cancelled one is, and fails with a <see cref="TimeoutException"/> inside. The timeout of a job group comes
    /// before it. Default: no limit.
    /// </summary>
    public TimeSpan? JobTimeout { get; set; }

    /// <summary>
    /// How long an action waits when no worker is there, as <c>00:05:00</c>: more than zero, up to 24 days. A worker that joins in time
    /// takes the job on; after that the action fails with <see cref="ClusterUnavailableException"/>. Default one minute.
    /// </summary>
    public TimeSpan NoWorkerTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Where to spill; a private folder under the system's temporary folder by default. Removed at exit.</summary>
    public string? SpillDirectory { get; set; }

    /// <summary>
    /// The cluster's shared secret, as <c>microspark secret</c> prints it, or two of them parted by a space: the first is proved to others,
    /// both are accepted. Required to listen beyond loopback, unless <see cref="SecretFile"/> is set. Default: read from that file.
    /// </summary>
    public string? Secret { get; set; }

    /// <summary>
    /// A file that only this user can read and that holds the secret, or two of them on two lines, as <see cref="Secret"/>. It is read
    /// again when it changes, so a cluster changes its secret without a stop. <c>-</c> reads standard input, once. Default: a file in this
    /// user's folder, made on first use.
    /// </summary>
    public string? SecretFile { get; set; }

    /// <summary>
    /// Secrets of clients that may do less than all, each with a name and a role; for workers, and not in somebody's own host. Default:
    /// none, and the cluster's secret, which has all roles, is the only one.
    /// </summary>
    public List<SecretOptions> Secrets { get; } = [];

    /// <summary>
    /// A file with the SHA-256 of each assembly that plans may bring, one a line, as <c>sha256sum</c> and <c>microspark hash</c> print
    /// them. Then a worker loads no other, and plans name no code but theirs. It is read at the start; set it on all workers. Default:
    /// none, and whoever may upload brings what he likes.
    /// </summary>
    public string? ApprovedAssemblies { get; set; }

    /// <summary>Certificates, by which all connections of a cluster run inside TLS. Default: none.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>
    /// Whether a worker may listen beyond loopback without <see cref="Tls"/>: whoever listens on the way can then read everything, and
    /// change nothing. Default false.
    /// </summary>
    public bool AllowCleartext { get; set; }

    /// <summary>
    /// Whether a client that holds a secret may talk to an Orleans host that does not prove it on its connections: somebody's application
    /// with <c>AddMicroSpark</c> and without <c>UseMicroSparkConnectionSecurity</c>. Calls are proved there too, but what passes can be
    /// read and changed on the way. Default false: such a host is refused.
    /// </summary>
    public bool AllowPlainHost { get; set; }

    /// <summary>How often a failing task is tried.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>Second attempts of slow tasks.</summary>
    public SpeculationOptions Speculation { get; set; } = new();

    /// <summary>What becomes of lines that tasks say, by <see cref="TaskContext.Logger"/> or the console.</summary>
    public TaskLogOptions TaskLog { get; set; } = new();

    /// <summary>Event logs that the cluster itself writes, for the page and for later.</summary>
    public HistoryOptions History { get; set; } = new();

    /// <summary>
    /// The time zone that workers call local, an IANA name as <c>Europe/Berlin</c>. It is put on when a silo starts in the process, for the
    /// whole process: .NET has no other. On Windows it must be the system's own. A job whose lambdas reach local time is refused when its
    /// client's zone has other rules than a worker's. Default: the process's own, which is the system's or that of <c>TZ</c>.
    /// </summary>
    public string? TimeZone { get; set; }

    /// <summary>Whether silos of one process share its loaded code and memory. Default <see cref="Isolation.Process"/>.</summary>
    public Isolation Isolation { get; set; } = Isolation.Process;

    /// <summary>
    /// Whether stages are compiled into one loop. Default true; false runs the same stages with plain delegates (for comparing).
    /// </summary>
    public bool Fused { get; set; } = true;
}

/// <summary>
/// Certificates of one cluster: files, which are read again when they change. A peer is known by the cluster's authority, by what its key
/// is for, and by its URI name <c>microspark://CLUSTERID/worker</c> or <c>.../client</c>, or <c>.../read</c>, <c>.../submit</c>,
/// <c>.../upload</c> and <c>.../admin</c> for clients that may do less; host names do not count.
/// </summary>
public sealed class TlsOptions
{
    /// <summary>
    /// This process's certificate: PEM, with those between it and the authority behind it, or PFX (<c>.pfx</c>, <c>.p12</c>). A worker
    /// needs one for servers and clients. Default: none.
    /// </summary>
    public string? Certificate { get; set; }

    /// <summary>Its private key in PEM. Default: in the certificate's own file.</summary>
    public string? Key { get; set; }

    /// <summary>A file with the password of the key or of the PFX file. Default: there is none.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The certificate of the cluster's authority in PEM, or several. With it TLS is used, and nothing else.</summary>
    public string? Authority { get; set; }

    /// <summary>Whether workers ask clients for a certificate too. Workers always ask each other. Default false.</summary>
    public bool RequireClientCertificate { get; set; }

    internal bool Enabled => Authority is not null;
}

/// <summary>How silos find each other.</summary>
public sealed class MembershipOptions
{
    /// <summary>
    /// <c>InMemory</c> (embedded, the default), <c>Sqlite</c> (one host), <c>PostgreSql</c>, or the name of another AdoNet invariant.
    /// </summary>
    public string Provider { get; set; } = "InMemory";

    /// <summary>The membership database. Its schema is created when it is missing, also when several silos start at once.</summary>
    public string ConnectionString { get; set; } = "";

    internal bool IsInMemory => string.Equals(Provider, "InMemory", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Where a silo listens. Port 0 takes a free one; a given port that is taken is an error.</summary>
public sealed class SiloOptions
{
    /// <summary>The address that others reach this silo at. Default <c>127.0.0.1</c>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Silo to silo, 0 to 65535.</summary>
    public int Port { get; set; }

    /// <summary>Client to silo, 0 to 65535.</summary>
    public int GatewayPort { get; set; }

    /// <summary>Blocks and blobs, 0 to 65535.</summary>
    public int DataPort { get; set; }

    /// <summary>
    /// The page about the cluster, on 127.0.0.1: 0 to 65535. Default null: no page in a program's own silos, a free port in a worker
    /// process.
    /// </summary>
    public int? UiPort { get; set; }
}

/// <summary>How often a failing task is tried.</summary>
public sealed class RetryOptions
{
    /// <summary>
    /// Attempts of one task before its job fails, 1 to 100. Default 4; embedded 1. Lost workers do not count here, see
    /// <see cref="MaxWorkerDeaths"/>.
    /// </summary>
    public int? MaxTaskFailures { get; set; }

    /// <summary>
    /// How many workers may die while they have one task before its job fails, 1 to 100. Default 4. From the second death on the task runs
    /// alone on its worker, so that a lambda that ends its process takes no other task with it. A success of the task clears the count.
    /// A task gets no second attempt, as a slow or silent worker's tasks do, when the deaths of both its workers would be too many.
    /// </summary>
    public int MaxWorkerDeaths { get; set; } = 4;
}

/// <summary>
/// How a silo's slots are shared. Contexts come first: each has the same part, or one by its program's weight. A context's part is shared
/// between its job groups by their weights, and a group's part between its jobs. A part is of slot time; what one does not use is the
/// others'.
/// </summary>
public sealed class SchedulingOptions
{
    /// <summary>How the jobs of one group share its part. Default <see cref="SchedulingMode.Fair"/>.</summary>
    public SchedulingMode Mode { get; set; } = SchedulingMode.Fair;

    /// <summary>
    /// Weights of programs by <see cref="MicroSparkOptions.ApplicationName"/>, 1 to 100; 1 for those without. Set on workers and embedded
    /// contexts: each silo goes by its own.
    /// </summary>
    public Dictionary<string, int> Weights { get; } = [];
}

/// <summary>How the jobs of one group share its part of the slots.</summary>
public enum SchedulingMode
{
    /// <summary>Equal parts, as in Spark's FAIR mode: a small job does not wait for a large one.</summary>
    Fair = 0,

    /// <summary>First come, first served, as in Spark's FIFO mode: a later job gets what earlier ones do not use.</summary>
    Fifo = 1,
}

/// <summary>Second attempts of slow tasks.</summary>
public sealed class SpeculationOptions
{
    /// <summary>
    /// Whether a task far slower than its peers is tried again elsewhere; the first result wins. Never for stages with side effects.
    /// </summary>
    public bool Enabled { get; set; } = true;
}

/// <summary>
/// What becomes of lines that tasks say. Each goes to the log of its worker. Those of other processes' workers come to the log of the
/// job's client too, as far as the limits allow.
/// </summary>
public sealed class TaskLogOptions
{
    /// <summary>
    /// The least level that counts; what is below is not even made into text. Set on workers and embedded contexts. Default
    /// <see cref="LogLevel.Information"/>.
    /// </summary>
    public LogLevel MinLevel { get; set; } = LogLevel.Information;

    /// <summary>
    /// Lines of one job, 0 to 100,000: on workers, how many the cluster keeps of it, and of one million characters together at most; on a
    /// client, how many come to its log. What is beyond is counted, and the count is told at the job's end. Default 1,000.
    /// </summary>
    public int MaxLines { get; set; } = 1_000;

    /// <summary>Characters of one line, 80 to 100,000: the rest is cut. Set on workers and embedded contexts. Default 4,000.</summary>
    public int MaxLineLength { get; set; } = 4_000;

    /// <summary>
    /// Whether what a task writes to <c>Console.Out</c> counts as lines at the level Information, and to <c>Console.Error</c> at Warning.
    /// The console of all other code stays the process's. Default null: in worker processes only. A program's own silos share its console,
    /// and what their tasks write is at home there.
    /// </summary>
    public bool? Console { get; set; }
}

/// <summary>
/// Event logs that the cluster itself writes, a file for each job, whatever its client asked for. The page lists these jobs after a restart
/// of everything, and <c>microspark history</c> reads them. Set on workers and embedded contexts.
/// </summary>
public sealed class HistoryOptions
{
    /// <summary>
    /// The folder; it is made when it is missing, for this user alone. Workers of one cluster may share one, and each may have its own.
    /// Default null: no logs.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>
    /// What the logs in the folder may take together, as <c>512MB</c>, 1 MB or more: the oldest make room. One job's log has a fourth of it
    /// at most. Default <c>1GB</c>.
    /// </summary>
    public string MaxSize { get; set; } = "1GB";

    /// <summary>How long a log stays, as <c>7.00:00:00</c>: one minute to ten years. Default 30 days.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>How strictly silos of one process are kept apart.</summary>
public enum Isolation
{
    /// <summary>Silos of one process share its loaded code, and hand blocks over by reference.</summary>
    Process,

    /// <summary>
    /// Silos of one process behave as strangers: assemblies are loaded from shipped bytes, every block and closure is encoded,
    /// process-dependent hash codes are salted per silo. For tests.
    /// </summary>
    Simulated,
}
