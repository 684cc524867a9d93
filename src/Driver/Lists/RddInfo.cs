namespace MicroSpark;

/// <summary>A persisted RDD of which workers hold partitions.</summary>
/// <param name="Lineage">Its recipe; of another principal's, the id under which it is kept.</param>
/// <param name="Name">The operator's name, or what <see cref="Rdd{T}.SetName"/> gave.</param>
/// <param name="StorageLevel">Where its partitions are kept.</param>
/// <param name="PartitionsCached">Partitions that some worker holds.</param>
/// <param name="NumPartitions">All its partitions.</param>
/// <param name="MemoryBytes">Bytes in memory, over all workers.</param>
/// <param name="DiskBytes">Bytes on disk, over all workers.</param>
public sealed record RddInfo(
    LineageId Lineage, string Name, StorageLevel StorageLevel, int PartitionsCached, int NumPartitions, long MemoryBytes, long DiskBytes);
