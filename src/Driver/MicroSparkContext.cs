using System.Runtime.CompilerServices;
using MicroSpark.Closures;
using MicroSpark.Codecs;
using MicroSpark.Driver;
using MicroSpark.Driver.Clusters;
using MicroSpark.Driver.Events;
using MicroSpark.Driver.Jobs;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Security;
using MicroSpark.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MicroSpark;

/// <summary>
/// A program's way to a cluster: it makes RDDs and runs their actions. Thread safe. Disposing it cancels its jobs and stops the silos
/// that it started.
/// </summary>
[NotEncodable(ShippingRules.OnlyOnTheClient)]
public sealed partial class MicroSparkContext : IAsyncDisposable
{
    private readonly ICluster _cluster;
    private readonly ClusterJobRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private int _disposed;

    private MicroSparkContext(ICluster cluster, ClusterJobRunner runner, TimeProvider time)
    {
        (_cluster, _runner, _time, _log) = (cluster, runner, time, cluster.Logs.CreateLogger<MicroSparkContext>());
        ClosureWarnings.Raised += Advise;
    }

    /// <summary>Partitions of an RDD when nothing says otherwise: the slots of all workers when the context connected.</summary>
    public int DefaultParallelism => _runner.DefaultParallelism;

    /// <summary>
    /// Where the page about this context's own silos is; null when there is none, and when the context is connected to others. It lets
    /// nobody in without a link: see <see cref="UiLinkAsync"/>.
    /// </summary>
    public Uri? UiUri => Silos?.Silos[0].Page.Uri;

    /// <summary>What runs this context's jobs; for the console and for tests.</summary>
    internal ClusterJobRunner Runner => _runner;

    /// <summary>The silos that this context started; null when it is connected to others. For tests.</summary>
    internal EmbeddedSilos? Silos => ((_cluster as LateCluster)?.Found as EmbeddedCluster ?? _cluster as EmbeddedCluster)?.Silos;

    /// <summary>Raised when the watch on one of this context's jobs brings news. The handler must not block.</summary>
    internal event Action<JobProgress>? Progress
    {
        add => _runner.Events.Progress += value;
        remove => _runner.Events.Progress -= value;
    }

    /// <summary>What happens to this context's jobs and its cluster, one event at a time. The handler must not block.</summary>
    internal event Action<EngineEvent>? Happened
    {
        add => _runner.Events.Raised += value;
        remove => _runner.Events.Raised -= value;
    }

    /// <summary>
    /// Takes what the jobs' tasks say, in place of the log; null gives it back. Lines may come from several threads at once. The taker must
    /// not block.
    /// </summary>
    internal void TakeLines(Action<JobId, SaidLine>? take)
    {
        _runner.Lines.Instead = take;
        foreach (var silo in Silos?.Silos ?? [])
        {
            silo.Services.GetRequiredService<TaskLogs>().Instead = take;
        }
    }

    /// <summary>Starts silos in this process; nothing to set up, nobody else can connect. They stop when the context is disposed.</summary>
    /// <param name="workers">How many silos, 1 or more. One uses all cores; more of them are for trying out a cluster.</param>
    /// <param name="configure">Changes settings after appsettings.json and the environment were read.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="ArgumentException">A setting is out of its bound; the message names it, its value and the bound.</exception>
    public static Task<MicroSparkContext> StartLocalAsync(
        int workers = 1, Action<MicroSparkOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        return OpenAsync(workers, Awaited(configure), cancellationToken);
    }

    /// <summary>The same with settings that come asynchronously, from a vault say: they are awaited before anything starts.</summary>
    /// <typeparam name="TTask">A task. The type of <c>null</c> cannot be told, so that stands for no changes above.</typeparam>
    /// <inheritdoc cref="StartLocalAsync(int, Action{MicroSparkOptions}, CancellationToken)" />
    public static Task<MicroSparkContext> StartLocalAsync<TTask>(
        int workers, Func<MicroSparkOptions, TTask> configure, CancellationToken cancellationToken = default)
        where TTask : Task
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentNullException.ThrowIfNull(configure);
        return OpenAsync(workers, configure, cancellationToken);
    }

    /// <summary>One silo, with settings.</summary>
    /// <param name="configure">Changes settings after appsettings.json and the environment were read.</param>
    /// <exception cref="ArgumentException">A setting is out of its bound; the message names it, its value and the bound.</exception>
    public static Task<MicroSparkContext> StartLocalAsync(Action<MicroSparkOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return OpenAsync(1, Awaited(configure), CancellationToken.None);
    }

    /// <summary>One silo, with settings that come asynchronously.</summary>
    /// <inheritdoc cref="StartLocalAsync(int, Action{MicroSparkOptions}, CancellationToken)" />
    public static Task<MicroSparkContext> StartLocalAsync<TTask>(
        Func<MicroSparkOptions, TTask> configure, CancellationToken cancellationToken = default)
        where TTask : Task =>
        StartLocalAsync(1, configure, cancellationToken);

    /// <summary>Connects to the cluster that appsettings.json and the environment (<c>MICROSPARK__...</c>) describe.</summary>
    /// <param name="configure">Changes settings after appsettings.json and the environment were read.</param>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <exception cref="ArgumentException">A setting is out of its bound; the message names it, its value and the bound.</exception>
    /// <exception cref="ClusterUnavailableException">No worker can be reached, or the secret was refused.</exception>
    public static Task<MicroSparkContext> ConnectAsync(
        Action<MicroSparkOptions>? configure = null, CancellationToken cancellationToken = default) =>
        OpenAsync(null, Awaited(configure), cancellationToken);

    /// <summary>The same with settings that come asynchronously: they are awaited before it connects.</summary>
    /// <typeparam name="TTask">A task. The type of <c>null</c> cannot be told, so that stands for no changes above.</typeparam>
    /// <inheritdoc cref="ConnectAsync(Action{MicroSparkOptions}, CancellationToken)" />
    public static Task<MicroSparkContext> ConnectAsync<TTask>(
        Func<MicroSparkOptions, TTask> configure, CancellationToken cancellationToken = default)
        where TTask : Task
    {
        ArgumentNullException.ThrowIfNull(configure);
        return OpenAsync(null, configure, cancellationToken);
    }

    /// <summary>
    /// Cancels this context's running jobs, whose callers get <see cref="OperationCanceledException"/>, and stops its silos.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            ClosureWarnings.Raised -= Advise;
            _runner.Close();
            await _cluster.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A new link to the page about the cluster, on the host of one of its workers. It lets one browser in, once, within ten minutes, to
    /// what this context may see: with a named secret, values of its own jobs only, or none.
    /// </summary>
    /// <param name="control">Whether that browser may cancel jobs and unpersist RDDs, as this context may. Default true.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>The link; null when no worker has a page (<see cref="SiloOptions.UiPort"/>).</returns>
    public Task<Uri?> UiLinkAsync(bool control = true, CancellationToken cancellationToken = default) =>
        UiLinkForAsync(null, control, cancellationToken);

    /// <summary>The same for a role.</summary>
    /// <param name="role">Not higher than this context's own; null for that.</param>
    /// <exception cref="UnauthorizedAccessException">It is higher.</exception>
    internal async Task<Uri?> UiLinkForAsync(PrincipalRole? role, bool control, CancellationToken cancellationToken)
    {
        var rights = role is { } asked ? RolesOfSettings.RightsOf(asked, upload: false) : (Rights?)null;
        foreach (var worker in await _cluster.WorkersAsync(cancellationToken).ConfigureAwait(false))
        {
            var grain = _cluster.Grains.GetGrain<IHistoryGrain>(worker.Value);
            if (await Repeat.Async(() => grain.InviteAsync(control, rights), _time, cancellationToken).ConfigureAwait(false) is { } link)
            {
                return new Uri(link);
            }
        }

        return null;
    }

    private void Advise(ClosureWarning warning) => LogAdvice(_log, warning.Message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Advice}")]
    private static partial void LogAdvice(ILogger log, string advice);

    /// <exception cref="ClosureNotShippableException">It is <c>async void</c>, so that nobody can await it.</exception>
    private static Func<MicroSparkOptions, Task> Awaited(Action<MicroSparkOptions>? configure)
    {
        ShippingRules.EnsureAwaitable(configure, nameof(configure));
        return options =>
        {
            configure?.Invoke(options);
            return Task.CompletedTask;
        };
    }

    /// <exception cref="PlatformNotSupportedException">This process cannot compile code while it runs.</exception>
    private static void EnsureDynamicCode()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            throw new PlatformNotSupportedException(
                "MicroSpark compiles each stage's loop while the program runs, and this program is built for native AOT, which cannot. Put "
                + "#:property PublishAot=false into a one-file program, or <PublishAot>false</PublishAot> into its project.");
        }
    }

    /// <param name="workers">Embedded silos; null to connect. A launch may decide otherwise.</param>
    private static async Task<MicroSparkContext> OpenAsync(
        int? workers, Func<MicroSparkOptions, Task> configure, CancellationToken cancellationToken)
    {
        ClusterJobRunner.EnsureNoTask();
        var launch = Launch.Current;
        var options = await MicroSparkConfiguration.LoadAsync(configure).ConfigureAwait(false);
        var cluster = await FindAsync(
            launch is null ? workers : launch.WorkersFor(workers, options), options, null, cancellationToken).ConfigureAwait(false);
        var context = await OpenAsync(cluster, options, cancellationToken).ConfigureAwait(false);
        await context.AnnounceAsync(launch, context.UiUri is not null, cancellationToken).ConfigureAwait(false);
        return context;
    }

    /// <summary>It can be used: whoever started the program gets a link to the page, and its launch is told.</summary>
    /// <param name="linked">Whether there is to be a link though no launch asks for one.</param>
    internal async Task AnnounceAsync(Launch? launch, bool linked, CancellationToken cancellationToken)
    {
        if (launch is not { Detached: true } && (linked || launch is { Ui: true })
            && await UiLinkAsync(cancellationToken: cancellationToken).ConfigureAwait(false) is { } link)
        {
            // Not to standard output, which is the program's, and not to a log, which others read.
            await Console.Error.WriteLineAsync($"Look at it, once and within 10 minutes: {link}").ConfigureAwait(false);
        }

        launch?.Opened(this);
    }

    /// <summary>Starts silos in this process, or connects to others.</summary>
    /// <param name="workers">Embedded silos; null to connect.</param>
    /// <param name="logs">The log of whoever hosts this; null for standard error.</param>
    internal static async Task<ICluster> FindAsync(
        int? workers, MicroSparkOptions options, ILoggerFactory? logs, CancellationToken cancellationToken)
    {
        EnsureDynamicCode();
        return workers is { } silos
            ? new EmbeddedCluster(
                await EmbeddedSilos.StartAsync(options, silos, cancellationToken, logs: logs).ConfigureAwait(false),
                options.Isolation == Isolation.Process, TimeProvider.System)
            : new ConnectedCluster(
                await ClusterClientFactory.ConnectAsync(options, cancellationToken, logs: logs).ConfigureAwait(false), options);
    }

    /// <summary>A context whose cluster comes later: it can be handed out at once, and is used once the cluster is there.</summary>
    internal static MicroSparkContext Of(LateCluster cluster, MicroSparkOptions options, TimeProvider time) =>
        new(cluster, new ClusterJobRunner(cluster, options, () => options.DefaultParallelism ?? cluster.Slots, time), time);

    internal static async Task<MicroSparkContext> OpenAsync(
        ICluster cluster, MicroSparkOptions options, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        try
        {
            var slots = await cluster.CountSlotsAsync(cancellationToken).ConfigureAwait(false);
            var parallelism = options.DefaultParallelism ?? slots;
            var runner = new ClusterJobRunner(cluster, options, () => parallelism, time);
            return new MicroSparkContext(cluster, runner, time);
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
