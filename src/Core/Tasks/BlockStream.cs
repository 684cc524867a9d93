using MicroSpark.Memory;

namespace MicroSpark.Tasks;

/// <summary>
/// One bucket of many blocks, arriving as frames: block after block in the order asked for, and nothing for a block whose bucket is empty.
/// At most one frame is held; what comes after it waits in the sockets' buffers and at the sender. Used by one thread at a time.
/// </summary>
internal abstract class BlockStream : IDisposable
{
    /// <summary>Of the present frame: which of the blocks asked for it belongs to.</summary>
    public int Position { get; protected set; } = -1;

    public FrameHeader Header { get; protected set; }

    /// <summary>The present frame's bytes, its checksum already verified. Valid until the next frame is asked for.</summary>
    public ReadOnlyMemory<byte> Payload { get; protected set; }

    /// <summary>Bytes of this process that the stream holds now.</summary>
    public virtual int Held => 0;

    /// <summary>Goes to the next frame; false when all blocks have been read.</summary>
    /// <exception cref="BlocksMissingException">The worker does not have some of the blocks (any more).</exception>
    /// <exception cref="WorkerUnreachableException">The worker cannot be reached, or the stream broke and did not recover.</exception>
    public abstract ValueTask<bool> NextAsync();

    /// <summary>As <see cref="NextAsync"/>, for a slot's thread: it waits when nothing has arrived yet.</summary>
    public bool Next()
    {
        var next = NextAsync();
        return next.IsCompleted ? next.GetAwaiter().GetResult() : next.AsTask().GetAwaiter().GetResult();
    }

    public abstract void Dispose();
}
