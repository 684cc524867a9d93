using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Storage;

/// <summary>
/// What one worker holds and others may read: its data plane serves it, and workers of the same process take it by reference.
/// </summary>
internal sealed record WorkerStores(WorkerId Worker, BlockStore Blocks, BlobStore Blobs, CodeSpace Code);
