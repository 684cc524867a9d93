using MicroSpark.Closures;
using MicroSpark.Storage;

namespace MicroSpark.DataPlane;

/// <summary>What the data plane of one worker serves.</summary>
internal sealed record WorkerStores(WorkerId Worker, BlockStore Blocks, BlobStore Blobs, CodeSpace Code);
