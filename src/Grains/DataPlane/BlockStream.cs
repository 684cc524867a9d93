using System.Buffers;
using System.Text;
using MicroSpark.Engine;

namespace MicroSpark.DataPlane;

/// <summary>One answer of <c>POST /blocks</c>, read frame by frame and checked on the way.</summary>
internal sealed class BlockStream(WorkerId worker, BlockRequest request, int skip) : IAsyncDisposable
{
    private readonly byte[] _header = new byte[BlockWire.HeaderLength];

    // One buffer for the whole stream: a fresh megabyte for each block costs a full collection every few blocks.
    private byte[] _payload = [];
    private DataPlaneCall? _call;
    private HttpResponseMessage? _response;
    private Stream? _stream;
    private int _position;

    /// <summary>The next block's payload, valid until the one after it is asked for; opens the stream at the first call.</summary>
    /// <exception cref="BlocksMissingException">The worker lacks some of the blocks.</exception>
    /// <exception cref="WorkerUnreachableException">The stream broke, or a checksum does not hold; asking again may help.</exception>
    public async Task<ReadOnlyMemory<byte>> NextAsync(
        Func<DataPlaneCall, int, Task<HttpResponseMessage>> open, TimeProvider time, CancellationToken cancellationToken)
    {
        if (_call is null)
        {
            _call = new DataPlaneCall(worker, time, cancellationToken);
            _response = await open(_call, skip);
            _stream = await _response.Content.ReadAsStreamAsync(_call.Stop);
        }

        return await _call.GuardAsync(ReadFrameAsync);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }

        _response?.Dispose();
        _call?.Dispose();
        Return();
    }

    private async Task<ReadOnlyMemory<byte>> ReadFrameAsync(CancellationToken stop)
    {
        var stream = _stream!;
        await stream.ReadExactlyAsync(_header, stop);
        var (position, length, checksum) = BlockWire.ReadHeader(_header);
        if (length < 0 || length > Array.MaxLength)
        {
            throw new IOException($"A frame says that it has {length} bytes.");
        }

        var payload = Rent(length);
        await stream.ReadExactlyAsync(payload, stop);
        if (BlockWire.Checksum(position, payload.Span) != checksum)
        {
            throw new IOException($"The checksum of a frame of {length} bytes does not hold.");
        }

        switch (position)
        {
            case BlockWire.Missing:
                throw new BlocksMissingException(worker, request.Lineage, BlockWire.DecodePartitions(payload.Span));
            case BlockWire.Failed:
                throw new InvalidOperationException($"Worker {worker} could not encode blocks of {request.Lineage}: {Encoding.UTF8.GetString(payload.Span)}");
            case var _ when position == _position:
                _position++;
                if (skip + _position == request.Blocks.Count)
                {
                    await ReadEndAsync(stream, stop);
                }

                return payload;
            default:
                throw new IOException($"Expected the frame of position {_position}, found {position}.");
        }
    }

    private Memory<byte> Rent(int length)
    {
        if (_payload.Length < length)
        {
            Return();
            _payload = ArrayPool<byte>.Shared.Rent(length);
        }

        return _payload.AsMemory(0, length);
    }

    private void Return()
    {
        if (_payload.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_payload);
            _payload = [];
        }
    }

    /// <summary>Reads to the end of the answer, so that its connection can serve the next request.</summary>
    private async Task ReadEndAsync(Stream stream, CancellationToken stop)
    {
        await stream.ReadExactlyAsync(_header, stop);
        var (position, _, _) = BlockWire.ReadHeader(_header);
        if (position != BlockWire.End || await stream.ReadAsync(_header, stop) != 0)
        {
            throw new IOException("The answer does not end where its last block does.");
        }
    }
}
