using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Storage;

namespace MicroSpark.Grains.DataPlane;

/// <summary>What the data plane of one worker serves.</summary>
internal sealed record WorkerStores(WorkerId Worker, BlockStore Blocks, BlobStore Blobs, CodeSpace Code);
