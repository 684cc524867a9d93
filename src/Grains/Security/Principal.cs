using System.Globalization;
using Orleans.Runtime;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Who somebody is, and what he may do: the holder of a named secret, or of a certificate that names a role, else of the cluster's own
/// secret, who may do everything. It is found where a connection is accepted (<see cref="HandshakeMiddleware"/>, the data plane), put on
/// each call by the gateway (<see cref="GatewayGate"/>), and asked wherever something is done for somebody. What a caller says of himself
/// has no part in it.
/// </summary>
internal sealed record Principal(string Name, Rights Rights)
{
    /// <summary>Under which a gateway puts it on a call. What a client puts there is taken off.</summary>
    public const string ContextKey = "microspark.principal";

    private static readonly AsyncLocal<Principal?> s_present = new();

    /// <summary>Whoever has the cluster's own secret; also a silo itself, and a program with silos of its own.</summary>
    public static Principal Cluster { get; } = new("cluster", Rights.All);

    /// <summary>For whom the call that is being answered is made. A silo's own calls are <see cref="Cluster"/>'s.</summary>
    public static Principal Present => s_present.Value ?? Cluster;

    /// <summary>Whether there is nothing that it may not do: then nobody looks at what it does.</summary>
    public bool MayAll => Rights == Rights.All;

    /// <summary>Under which its jobs are known; null for those of the cluster's own secret.</summary>
    public string? OwnerName => MayAll ? null : Name;

    public bool May(Rights right) => (Rights & right) == right;

    /// <summary>
    /// Whether it may have the values of what somebody owns (results, error texts, log lines) and stop it: the owner and who
    /// administers.
    /// </summary>
    /// <param name="owner">Null when it is the cluster's.</param>
    public bool Owns(string? owner) => May(Rights.Administer) || (owner is not null && owner == Name);

    /// <summary>With no more rights than another proof of the same connection gives it, and that one's name.</summary>
    /// <param name="certificate">Null when it limits nothing.</param>
    public Principal LimitedTo(Principal? certificate) =>
        certificate is null ? this : new Principal(certificate.Name, Rights & certificate.Rights);

    /// <summary>As it travels between silos.</summary>
    public string ToStamp() => string.Create(CultureInfo.InvariantCulture, $"{(byte)Rights} {Name}");

    /// <summary>Nobody, with no rights, when it is none.</summary>
    public static Principal OfStamp(string? stamp) =>
        stamp?.Split(' ', 2) is [var rights, var name]
        && byte.TryParse(rights, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            ? new Principal(name, (Rights)bits & Rights.All)
            : new Principal("nobody", Rights.None);

    /// <summary>
    /// Takes the mark off the call that has come in, so that calls which it leads to are the silo's own, and makes it
    /// <see cref="Present"/>.
    /// </summary>
    public static Principal Enter()
    {
        var stamp = RequestContext.Get(ContextKey);
        if (stamp is null)
        {
            s_present.Value = null;
            return Cluster;
        }

        RequestContext.Remove(ContextKey);
        return Assume(OfStamp(stamp as string));
    }

    /// <summary>Makes it <see cref="Present"/> for what the caller's flow does from now on.</summary>
    public static Principal Assume(Principal principal)
    {
        s_present.Value = principal;
        return principal;
    }
}
