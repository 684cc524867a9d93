using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace MicroSpark.Grains.Hosting;

/// <summary>Silos in this process, started for one context and gone with it. Nobody outside can connect to them.</summary>
internal sealed class EmbeddedSilos : IAsyncDisposable
{
    private EmbeddedSilos(IReadOnlyList<SiloHandle> silos, ClusterSecret secret, InMemoryMembership membership)
    {
        Silos = silos;
        Secret = secret;
        Membership = membership;
    }

    public IReadOnlyList<SiloHandle> Silos { get; }

    /// <summary>Calls grains without a gateway: through the first silo.</summary>
    public IGrainFactory Grains => Silos[0].Grains;

    public ClusterSecret Secret { get; }

    public InMemoryMembership Membership { get; }

    /// <summary>Starts the silos, the first one alone, since it makes the cluster, then the others together.</summary>
    /// <param name="logs">The program's own log; null for standard error.</param>
    /// <exception cref="InvalidSettingException">A setting is out of its bound, or a given port is taken.</exception>
    public static async Task<EmbeddedSilos> StartAsync(
        MicroSparkOptions options, int count, CancellationToken cancellationToken = default, Action<ISiloBuilder>? customize = null,
        ILoggerFactory? logs = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (count > 1 && (options.Silo.Port != 0 || options.Silo.DataPort != 0))
        {
            throw new InvalidSettingException(
                options.Silo.Port != 0 ? "Silo:Port" : "Silo:DataPort", (options.Silo.Port != 0 ? options.Silo.Port : options.Silo.DataPort)
                    .ToString(System.Globalization.CultureInfo.InvariantCulture),
                $"0, since {count} silos start in this process and each needs a port of its own");
        }

        var membership = new InMemoryMembership();
        var secret = ClusterSecret.Random();
        var mode = SiloMode.EmbeddedOf(membership, secret, count, options) with { Logs = logs };
        var first = await SiloHostFactory.StartAsync(options, mode, cancellationToken, customize);
        var others = Enumerable.Range(1, count - 1).Select(
            _ => SiloHostFactory.StartAsync(options, mode with { Page = false }, cancellationToken, customize)).ToList();
        try
        {
            return new EmbeddedSilos([first, .. await Task.WhenAll(others)], secret, membership);
        }
        catch
        {
            foreach (var other in others.Where(o => o.IsCompletedSuccessfully))
            {
                await (await other).DisposeAsync();
            }

            await first.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Silos.Select(static s => s.Archive.CloseAsync(CancellationToken.None)));
        await Task.WhenAll(Silos.Skip(1).Select(s => s.StopAsync()));
        await Silos[0].StopAsync();
    }
}
