using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Security;

namespace MicroSpark.Tests.DataPlane;

/// <summary>Blocks and blobs inside TLS, for peers of the cluster alone.</summary>
public sealed class TlsDataPlaneTests : IDisposable
{
    private readonly TestCertificates _ours = new();

    [Fact]
    public async Task Workers_and_clients_read_and_write()
    {
        await using var plane = await DataPlaneFixture.StartAsync(tls: _ours.Files(_ours.Worker()));
        Assert.Equal("https", plane.Uri.Scheme);
        foreach (var own in new[] { _ours.Worker(), _ours.Client() })
        {
            using var transport = DataPlaneFixture.TransportTo(plane.Uri, TestSecrets.Of("secret"), tls: _ours.Files(own));
            var content = own.RawData;
            await transport.PutBlobAsync(DataPlaneFixture.Worker, BlobName.Of(content), content, default);
            Assert.Equal(content, await transport.GetBlobAsync(DataPlaneFixture.Worker, BlobName.Of(content), default));
        }
    }

    [Fact]
    public async Task Whoever_has_no_certificate_gets_nothing_where_one_is_asked_for()
    {
        await using var plane = await DataPlaneFixture.StartAsync(tls: _ours.Files(_ours.Worker()));
        using var transport = DataPlaneFixture.TransportTo(plane.Uri, TestSecrets.Of("secret"), tls: _ours.Files(null));

        await Assert.ThrowsAsync<WorkerUnreachableException>(() => transport.HasBlobAsync(DataPlaneFixture.Worker, BlobName.Of([1]), default));
    }

    [Fact]
    public async Task A_reader_with_certificates_does_not_read_in_the_open()
    {
        await using var plane = await DataPlaneFixture.StartAsync();
        using var transport = DataPlaneFixture.TransportTo(plane.Uri, TestSecrets.Of("secret"), tls: _ours.Files(_ours.Client()));

        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(
            () => transport.HasBlobAsync(DataPlaneFixture.Worker, BlobName.Of([1]), default));

        Assert.Contains("without TLS", error.InnerException!.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _ours.Dispose();
}
