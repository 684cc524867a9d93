using System.IO.Pipelines;

namespace MicroSpark.Grains.Security;

/// <summary>
/// What is sent after the handshake, cut into pieces that each carry a MAC under the session's key of the sender:
/// <code>length: int32 | bytes | tag: 16 bytes</code>
/// The tag is an AES-GMAC of the bytes. Its nonce is the piece's number, which is not sent: both ends count. So a piece that was changed,
/// left out, sent twice, sent out of order, sent back or taken from another connection does not fit, and the connection ends there. The
/// bytes are not hidden: that is what TLS is for.
/// </summary>
/// <param name="transport">What carries the pieces.</param>
/// <param name="write">The key of this end, and <paramref name="read"/> that of the other.</param>
/// <param name="forged">Told when a piece does not fit.</param>
internal sealed class SealedTransport(IDuplexPipe transport, byte[] write, byte[] read, Action forged) : IDuplexPipe, IDisposable
{
    private readonly SealedPipeReader _input = new(transport.Input, read, forged);
    private readonly SealedPipeWriter _output = new(transport.Output, write);

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    /// <summary>When nobody reads or writes any more.</summary>
    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
    }
}
