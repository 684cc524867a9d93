using MicroSpark.Options;

namespace MicroSpark.Client.Listings;

/// <summary>What is persisted, of all clients.</summary>
internal static class RddListing
{
    public static Listing<RddInfo> All { get; } =
        new(
            "rdds", "List the persisted RDDs.", (spark, token) => spark.PersistentRddsAsync(token),
            ["rdd", "name", "level", "partitions", "memory", "disk"],
            rdd =>
            [
                rdd.Lineage.ToString()[..12], rdd.Name, rdd.StorageLevel.ToString(), $"{rdd.PartitionsCached}/{rdd.NumPartitions}",
                ByteSize.Show(rdd.MemoryBytes), ByteSize.Show(rdd.DiskBytes),
            ],
            (json, rdd) =>
            {
                json.WriteString("rdd", rdd.Lineage.ToString());
                json.WriteString("name", rdd.Name);
                json.WriteString("level", rdd.StorageLevel.ToString());
                json.WriteNumber("partitionsCached", rdd.PartitionsCached);
                json.WriteNumber("partitions", rdd.NumPartitions);
                json.WriteNumber("memoryBytes", rdd.MemoryBytes);
                json.WriteNumber("diskBytes", rdd.DiskBytes);
            });
}
