using System.CommandLine;
using MicroSpark.Client.Output;
using MicroSpark.Options;

namespace MicroSpark.Client.Commands;

/// <summary><c>rdds</c>: what is persisted, of all clients.</summary>
internal static class RddsCommand
{
    public static Listing<RddInfo> Listing { get; } =
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

    public static Command Create(Terminal terminal) => ListCommand.Create(terminal, Listing);
}
