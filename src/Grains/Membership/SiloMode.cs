using System.Net;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Membership;

/// <summary>How a silo is hosted: what depends on the mode and not on a setting.</summary>
/// <param name="Membership">The shared table of embedded silos; null when a database holds it.</param>
/// <param name="SilosInProcess">They share the process's cores and memory.</param>
/// <param name="Gateway">Whether clients from outside may connect.</param>
/// <param name="DataPlane">Whether other processes (or silos that behave as such) read blocks and blobs here.</param>
/// <param name="Guest">A silo of somebody else's host: its Orleans settings and connections are theirs.</param>
internal sealed record SiloMode(
    InMemoryMembership? Membership, ClusterSecret Secret, int SilosInProcess, bool Gateway, bool DataPlane, bool Guest)
{
    /// <summary>The log of the program that embeds the silo; null for standard error.</summary>
    public ILoggerFactory? Logs { get; init; }

    /// <summary>Null without certificates.</summary>
    public TlsFiles? Tls { get; init; }

    public bool Embedded => Membership is not null;

    /// <summary>Whether the process is there for the silo alone.</summary>
    public bool OwnsProcess => !Embedded && !Guest;

    /// <summary>Whether it may have a page: of the silos that a program starts the first one only.</summary>
    public bool Page { get; init; } = true;

    /// <summary>The page's port; null for none. A worker process has a page by itself, others when they are told to.</summary>
    public int? PagePort(MicroSparkOptions options) =>
        !Page ? null : options.Silo.UiPort ?? (Embedded || Guest ? null : 0);

    public static SiloMode EmbeddedOf(InMemoryMembership membership, ClusterSecret secret, int silos, MicroSparkOptions options) =>
        new(membership, secret, silos, Gateway: false, DataPlane: options.Isolation == Isolation.Simulated, Guest: false);

    /// <exception cref="InvalidSettingException">The silo listens beyond loopback and no secret is given, or no certificates are, or they
    /// cannot be read.</exception>
    public static SiloMode Worker(MicroSparkOptions options)
    {
        var secret = SharedSecretOf(options);
        if (!options.Tls.Enabled && !options.AllowCleartext && !IPAddress.IsLoopback(IPAddress.Parse(options.Silo.Address)))
        {
            throw new InvalidSettingException(
                "Tls:Authority", "",
                $"certificates (Tls:Certificate, Tls:Key, Tls:Authority), because Silo:Address {options.Silo.Address} can be reached from "
                + "other hosts; on a network that you trust, AllowCleartext=true does without");
        }

        return new(null, secret, 1, Gateway: true, DataPlane: true, Guest: false) { Tls = ServerTlsOf(options) };
    }

    /// <exception cref="InvalidSettingException">As above, or there are named secrets: a host's own grains know no roles.</exception>
    public static SiloMode GuestOf(MicroSparkOptions options) => options.Secrets.Count > 0
        ? throw new InvalidSettingException("Secrets", options.Secrets[0].Name, "none in a host of your own: its grains know no roles")
        : new(null, SharedSecretOf(options), 1, Gateway: true, DataPlane: true, Guest: true) { Tls = ServerTlsOf(options) };

    private static TlsFiles? ServerTlsOf(MicroSparkOptions options) => !options.Tls.Enabled ? null
        : options.Tls.Certificate is null
            ? throw new InvalidSettingException("Tls:Certificate", "", "a worker's certificate, since Tls:Authority is set")
            : new TlsFiles(options, PeerCertificate.WorkerRole);

    /// <summary>
    /// Beyond loopback the secret must be given. The file made on first use would differ from host to host, and the workers would refuse
    /// each other without a hint why.
    /// </summary>
    /// <exception cref="InvalidSettingException">The silo listens beyond loopback and no secret is given.</exception>
    private static ClusterSecret SharedSecretOf(MicroSparkOptions options)
    {
        if (options.Secret is null && string.IsNullOrWhiteSpace(options.SecretFile)
            && !IPAddress.IsLoopback(IPAddress.Parse(options.Silo.Address)))
        {
            throw new InvalidSettingException(
                "Secret", "",
                $"the cluster's shared secret, or MicroSpark:SecretFile, because Silo:Address {options.Silo.Address} can be reached "
                + $"from other hosts");
        }

        return ClusterSecret.OfWorker(options);
    }
}
