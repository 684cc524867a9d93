using System.Security.Cryptography.X509Certificates;
using MicroSpark.Grains.Security;

namespace MicroSpark.Tests.Security;

/// <summary>A certificate makes a peer by its authority, by what its key is for, and by its role in this cluster.</summary>
public sealed class PeerCertificateTests : IDisposable
{
    private readonly TestCertificates _ours = new();

    [Fact]
    public void A_worker_may_answer_and_call_and_a_client_may_call()
    {
        Assert.Null(Problem(_ours.Worker(), PeerCertificate.ServerUse, PeerCertificate.WorkerRole));
        Assert.Null(Problem(_ours.Worker(), PeerCertificate.ClientUse, PeerCertificate.WorkerRole));
        Assert.Null(Problem(_ours.Client(), PeerCertificate.ClientUse, PeerCertificate.ClientRole));
        Assert.Null(Problem(_ours.Client(), PeerCertificate.ClientUse, PeerCertificate.WorkerRole, PeerCertificate.ClientRole));
    }

    [Fact]
    public void A_clients_certificate_never_passes_as_a_workers()
    {
        Assert.Contains("microspark://microspark/worker", Problem(_ours.Client(), PeerCertificate.ClientUse, PeerCertificate.WorkerRole), StringComparison.Ordinal);
        Assert.NotNull(Problem(_ours.Client(), PeerCertificate.ServerUse, PeerCertificate.WorkerRole));

        // Not even one that may serve.
        var serving = _ours.Issue(PeerCertificate.NameOf("microspark", "client"), [PeerCertificate.ServerUse, PeerCertificate.ClientUse]);
        Assert.NotNull(Problem(serving, PeerCertificate.ServerUse, PeerCertificate.WorkerRole));
    }

    [Theory]
    [InlineData("client", null)]
    [InlineData("worker", null)]
    [InlineData("read", "Read")]
    [InlineData("submit", "Read, Submit")]
    [InlineData("upload", "Read, Submit, Upload")]
    [InlineData("admin", "Read, Submit, Administer")]
    [InlineData("Admin", "None")]
    public void A_role_in_its_name_limits_what_its_holder_may_do(string role, string? rights)
    {
        var found = PeerCertificate.PrincipalOf(_ours.Issue(PeerCertificate.NameOf("microspark", role), [PeerCertificate.ClientUse]), "microspark");

        Assert.Equal((rights is null ? null : "peer", rights), (found?.Name, found?.Rights.ToString()));
        Assert.Equal(rights is null or not "None", Problem(
            _ours.Issue(PeerCertificate.NameOf("microspark", role), [PeerCertificate.ClientUse]), PeerCertificate.ClientUse,
            [.. PeerCertificate.ClientRoles, PeerCertificate.WorkerRole]) is null);
    }

    [Fact]
    public void Another_clusters_certificate_of_the_same_authority_is_none()
    {
        Assert.NotNull(Problem(_ours.Worker("other"), PeerCertificate.ServerUse, PeerCertificate.WorkerRole));
        Assert.NotNull(Problem(_ours.Worker("MicroSpark"), PeerCertificate.ServerUse, PeerCertificate.WorkerRole));
    }

    [Fact]
    public void Another_authoritys_is_none()
    {
        using var theirs = new TestCertificates();
        Assert.Contains("not valid", Problem(theirs.Worker(), PeerCertificate.ServerUse, PeerCertificate.WorkerRole), StringComparison.Ordinal);
    }

    [Fact]
    public void One_without_a_name_without_a_use_or_out_of_date_is_none()
    {
        var name = PeerCertificate.NameOf("microspark", "worker");
        Assert.Contains("none", Problem(_ours.Issue(null, [PeerCertificate.ServerUse]), PeerCertificate.ServerUse, PeerCertificate.WorkerRole), StringComparison.Ordinal);
        Assert.Contains("key usage", Problem(_ours.Issue(name, null), PeerCertificate.ServerUse, PeerCertificate.WorkerRole), StringComparison.Ordinal);
        Assert.NotNull(Problem(_ours.Issue(name, [PeerCertificate.ClientUse]), PeerCertificate.ServerUse, PeerCertificate.WorkerRole));
        var late = _ours.Issue(name, [PeerCertificate.ServerUse], DateTimeOffset.UtcNow.AddHours(-1));
        Assert.Contains("not valid", Problem(late, PeerCertificate.ServerUse, PeerCertificate.WorkerRole), StringComparison.Ordinal);
    }

    public void Dispose() => _ours.Dispose();

    private string? Problem(X509Certificate2 certificate, string use, params string[] roles) =>
        PeerCertificate.Problem(certificate, [], _ours.Authorities, use, TestCertificates.Cluster, roles);
}
