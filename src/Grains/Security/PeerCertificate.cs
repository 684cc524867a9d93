using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Whether a certificate makes its holder a peer. Orleans' addresses are numbers, so no host name is looked at: the cluster's authority
/// must have issued it for this use of a key, and it must have the URI name <c>microspark://CLUSTER/ROLE</c>. So a client's certificate is
/// never a worker's, and one of another cluster with the same authority is none.
/// </summary>
internal static class PeerCertificate
{
    public const string WorkerRole = "worker";
    public const string ClientRole = "client";

    /// <summary>Roles of clients that may do less than one whose certificate says <see cref="ClientRole"/>.</summary>
    private static readonly (string Role, Rights Rights)[] s_limited =
    [
        ("read", Rights.Read), ("submit", Rights.Read | Rights.Submit), ("upload", Rights.Read | Rights.Submit | Rights.Upload),
        ("admin", Rights.Read | Rights.Submit | Rights.Administer),
    ];

    /// <summary>All roles of clients.</summary>
    public static IReadOnlyList<string> ClientRoles { get; } = [ClientRole, .. s_limited.Select(static limited => limited.Role)];

    /// <summary>Who calls proves this use of its key, and <see cref="ServerUse"/> who answers.</summary>
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";

    private const string AlternativeNames = "2.5.29.17";
    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag s_host = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag s_address = new(TagClass.ContextSpecific, 7);

    public static string NameOf(string cluster, string role) => $"microspark://{Uri.EscapeDataString(cluster)}/{role}";

    /// <summary>The extension of a certificate that gives it a URI name. .NET's builder would change the name's case.</summary>
    /// <param name="loopback">Whether it names this host too: peers do not look, but a browser does that is shown a worker's page.</param>
    public static X509Extension NameExtension(string name, bool loopback = false)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, name, s_uri);
            if (loopback)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, "localhost", s_host);
                writer.WriteOctetString(IPAddress.Loopback.GetAddressBytes(), s_address);
            }
        }

        return new X509Extension(new Oid(AlternativeNames), writer.Encode(), critical: false);
    }

    /// <summary>
    /// How a chain is built, by TLS itself too: to the cluster's authorities, and from what is at hand. A certificate may name an address
    /// where its issuer's is to be had, and a stranger's is not asked.
    /// </summary>
    public static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    /// <summary>Null when it makes a peer, else why not.</summary>
    /// <param name="sent">What the peer sent beside it.</param>
    public static string? Problem(
        X509Certificate2 certificate, X509Certificate2Collection sent, X509Certificate2Collection authorities, string use, string cluster,
        params ReadOnlySpan<string> roles)
    {
        using var chain = new X509Chain { ChainPolicy = PolicyOf(authorities) };
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(use));
        if (!chain.Build(certificate))
        {
            return $"its certificate is not valid: {string.Join(", ", chain.ChainStatus.Select(static s => s.StatusInformation.Trim()))}";
        }

        if (!certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(
            extension => extension.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value == use)))
        {
            return $"its certificate is not for {(use == ServerUse ? "a server" : "a client")} (extended key usage)";
        }

        var names = UriNames(certificate);
        foreach (var role in roles)
        {
            if (names.Contains(NameOf(cluster, role), StringComparer.Ordinal))
            {
                return null;
            }
        }

        return $"its certificate has no name {NameOf(cluster, string.Join('|', roles!))}; its URI names are: "
            + (names.Count == 0 ? "none" : string.Join(", ", names.Take(4)));
    }

    /// <summary>
    /// Who the holder is, by the subject's common name, and what the roles in the certificate let him do; null for a worker or a client
    /// without limits, who is known by his secret.
    /// </summary>
    public static Principal? PrincipalOf(X509Certificate2? certificate, string cluster)
    {
        if (certificate is null)
        {
            return null;
        }

        var names = UriNames(certificate);
        if (names.Contains(NameOf(cluster, WorkerRole)) || names.Contains(NameOf(cluster, ClientRole)))
        {
            return null;
        }

        var rights = Rights.None;
        foreach (var (role, some) in s_limited)
        {
            rights |= names.Contains(NameOf(cluster, role)) ? some : Rights.None;
        }

        return new Principal(Caller.Clean(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)), rights);
    }

    /// <summary>.NET's own class for the extension tells host names and addresses only.</summary>
    public static List<string> UriNames(X509Certificate2 certificate)
    {
        var names = new List<string>();
        try
        {
            foreach (var extension in certificate.Extensions.Where(static e => e.Oid?.Value == AlternativeNames))
            {
                var sequence = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (sequence.HasData)
                {
                    if (sequence.PeekTag().HasSameClassAndValue(s_uri))
                    {
                        names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, s_uri));
                    }
                    else
                    {
                        sequence.ReadEncodedValue();
                    }
                }
            }
        }
        catch (AsnContentException)
        {
            // Damaged: what was read before does not count either.
            return [];
        }

        return names;
    }
}
