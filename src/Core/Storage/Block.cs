using System.Buffers;
using MicroSpark.Code;
using MicroSpark.Memory;

namespace MicroSpark.Storage;

/// <summary>
/// One stored output of one task: immutable once it is in the store. A shuffle output has a bucket for each reducer; a cached
/// partition or a result has one bucket. Typed in memory, encoded only for a reader that is elsewhere.
/// </summary>
internal abstract class Block : IDisposable
{
    /// <summary>Number of buckets (reducers); 1 for cached partitions and results.</summary>
    public abstract int Buckets { get; }

    /// <summary>Number of elements in all buckets.</summary>
    public abstract long Count { get; }

    /// <summary>
    /// The buckets that have elements, ascending, of a block that has few; empty when none are listed, and then any bucket may have some.
    /// </summary>
    public virtual ReadOnlySpan<int> Listed => default;

    /// <summary>Memory held, in bytes, measured on a sample of the elements.</summary>
    public abstract long Bytes { get; }

    /// <summary>What a result takes in memory, wherever it is.</summary>
    public virtual long ResultSize => Bytes;

    /// <summary>Bytes on disk.</summary>
    public virtual long DiskBytes => 0;

    /// <summary>What an element takes where it is.</summary>
    public virtual double ElementBytes => Count == 0 ? 0 : (Bytes + DiskBytes) / (double)Count;

    /// <summary>
    /// A mix of the keys' hashes, the same whenever the same elements are in the block. See law 2 in docs/architecture.md.
    /// </summary>
    public abstract ulong Fingerprint { get; }

    /// <summary>What the task that made a kept output added to accumulators: it can be asked for as long as the output is there.</summary>
    public byte[]? Updates { get; set; }

    /// <summary>Appends a small result's encoding: the value's, or the frames of its elements.</summary>
    public virtual void EncodeResult(IBufferWriter<byte> output, CodeSpace space) =>
        throw new InvalidOperationException($"A {GetType().Name} holds no small result.");

    /// <summary>
    /// One bucket's elements for a reader elsewhere, as frames (<see cref="Frame"/>): each is valid until the next one is asked for. A
    /// result is one frame of one element.
    /// </summary>
    public abstract IEnumerable<Frame> Frames(int bucket, CodeSpace space);

    /// <summary>Writes the elements to a file and gives the block that reads them there; null when this block stays where it is.</summary>
    public virtual Block? ToDisk(SpillFile file) => null;

    /// <summary>As <see cref="ToDisk"/>, with all that belongs to the block. A file that nothing was made of goes.</summary>
    public Block? MoveTo(SpillFile file)
    {
        Block? moved = null;
        try
        {
            moved = ToDisk(file);
            moved?.Updates = Updates;
            return moved;
        }
        finally
        {
            if (moved is null)
            {
                file.Dispose();
            }
        }
    }

    /// <summary>Whether <see cref="SharedValue"/> may be handed to a client in this process.</summary>
    public virtual bool CanShare => false;

    /// <summary>A result's value itself, when <see cref="CanShare"/>.</summary>
    public virtual object? SharedValue => null;

    /// <summary>Called when the block has left the store; its files go.</summary>
    public virtual void Dispose()
    {
    }
}
