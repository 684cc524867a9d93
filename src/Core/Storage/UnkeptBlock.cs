using MicroSpark.Code;
using MicroSpark.Memory;

namespace MicroSpark.Storage;

/// <summary>
/// Stands for a partition that did not fit into memory and whose level has no disk. It says that the partition was computed and which
/// elements it has, by count and fingerprint, and holds none of them: whoever reads it computes it in its own task.
/// </summary>
internal sealed class UnkeptBlock(long count, ulong fingerprint) : Block
{
    public override int Buckets => 1;

    public override long Count => count;

    public override long Bytes => 0;

    public override ulong Fingerprint => fingerprint;

    public override IEnumerable<Frame> Frames(int bucket, CodeSpace space) =>
        throw new InvalidOperationException("The elements were not kept: they are computed by the task that reads them.");
}
