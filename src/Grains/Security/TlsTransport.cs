using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MicroSpark.Grains.Security;

/// <summary>
/// A connection inside TLS. What the peer's certificate is worth is found here; whether it is enough is for the caller to say, who can
/// still answer the peer in words.
/// </summary>
internal sealed class TlsTransport : IDuplexPipe, IAsyncDisposable
{
    /// <summary>What TLS puts into one record at most.</summary>
    private const int Record = 16 << 10;

    private static readonly StreamPipeReaderOptions s_reading = new(bufferSize: Record, leaveOpen: true);
    private static readonly StreamPipeWriterOptions s_writing = new(minimumBufferSize: Record, leaveOpen: true);

    private readonly SslStream _stream;

    private TlsTransport(SslStream stream, X509Certificate2Collection sent)
    {
        _stream = stream;
        Sent = sent;
        Input = PipeReader.Create(stream, s_reading);
        Output = PipeWriter.Create(stream, s_writing);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>The peer's; null when it sent none.</summary>
    public X509Certificate2? Peer => _stream.RemoteCertificate switch
    {
        null => null,
        X509Certificate2 known => known,
        var other => X509CertificateLoader.LoadCertificate(other.GetRawCertData()),
    };

    /// <summary>What the peer sent beside it.</summary>
    public X509Certificate2Collection Sent { get; }

    /// <summary>
    /// The hashes of the answerer's certificate and of the caller's, as this end sees them. The handshake's proofs cover them: whoever sits
    /// between two ends has another certificate on one side.
    /// </summary>
    public byte[] BindingOf(bool caller) => caller
        ? [.. HashOf(_stream.RemoteCertificate), .. HashOf(_stream.LocalCertificate)]
        : [.. HashOf(_stream.LocalCertificate), .. HashOf(_stream.RemoteCertificate)];

    /// <exception cref="AuthenticationException">The peer does not speak TLS, or is no worker of the cluster.</exception>
    public static async Task<TlsTransport> CallAsync(IDuplexPipe transport, TlsFiles files, CancellationToken cancellationToken) =>
        new(await CallAsync(StreamOf(transport), files, cancellationToken).ConfigureAwait(false), []);

    /// <summary>The same on a stream.</summary>
    /// <inheritdoc cref="CallAsync(IDuplexPipe, TlsFiles, CancellationToken)" path="/exception" />
    public static async Task<SslStream> CallAsync(Stream inner, TlsFiles files, CancellationToken cancellationToken)
    {
        var (now, problem) = (files.Now, (string?)null);
        var stream = new SslStream(inner, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "",
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ClientCertificateContext = now.Context,
                    CertificateChainPolicy = PeerCertificate.PolicyOf(now.Authorities),

                    // Each connection shows its certificates anew: the proofs cover them.
                    AllowTlsResume = false,
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                    {
                        problem = certificate is X509Certificate2 server
                            ? PeerCertificate.Problem(
                                server, chain?.ChainPolicy.ExtraStore ?? [], now.Authorities, PeerCertificate.ServerUse, files.Cluster,
                                PeerCertificate.WorkerRole)
                            : "it sent no certificate";
                        return problem is null;
                    },
                },
                cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (AuthenticationException e) when (problem is not null)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new AuthenticationException($"the peer is no worker of this cluster: {problem}", e);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes any certificate and none: the caller looks at <see cref="Peer"/>.</summary>
    /// <param name="ask">Whether the peer is asked for one. A browser would ask whoever sits before it.</param>
    /// <exception cref="AuthenticationException">The peer does not speak TLS, or does not accept this certificate.</exception>
    public static async Task<TlsTransport> AnswerAsync(
        IDuplexPipe transport, TlsFiles files, CancellationToken cancellationToken, bool ask = true)
    {
        var (now, sent) = (files.Now, new X509Certificate2Collection());
        var stream = new SslStream(StreamOf(transport), leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = now.Context,
                    CertificateChainPolicy = PeerCertificate.PolicyOf(now.Authorities),
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ClientCertificateRequired = ask,
                    AllowTlsResume = false,
                    RemoteCertificateValidationCallback = (_, _, chain, _) =>
                    {
                        sent.AddRange(chain?.ChainPolicy.ExtraStore ?? []);
                        return true;
                    },
                },
                cancellationToken).ConfigureAwait(false);
            return new TlsTransport(stream, sent);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for the peer's first byte; false when it left without one, as probes do that look whether a port is open.</summary>
    public static async Task<bool> HasBegunAsync(IDuplexPipe transport, CancellationToken cancellationToken)
    {
        var read = await transport.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
        transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
        return !read.Buffer.IsEmpty;
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync().ConfigureAwait(false);

    private static Stream StreamOf(IDuplexPipe transport) =>
        new DuplexStream(transport.Input.AsStream(leaveOpen: true), transport.Output.AsStream(leaveOpen: true));

    private static byte[] HashOf(X509Certificate? certificate) =>
        certificate is null ? new byte[SHA256.HashSizeInBytes] : SHA256.HashData(certificate.GetRawCertData());
}
