using MicroSpark.Code;
using MicroSpark.Memory;

namespace MicroSpark.Storage;

/// <summary>Stands for a result that was too large to be kept: its job learns the size, and fails.</summary>
/// <param name="size">Bytes that the result took when it was given up.</param>
internal sealed class DroppedResult(long size) : Block
{
    public override int Buckets => 1;

    public override long Count => 0;

    public override long Bytes => 0;

    public override long ResultSize => size;

    public override ulong Fingerprint => 0;

    public override IEnumerable<Frame> Frames(int bucket, CodeSpace space) => [];
}
