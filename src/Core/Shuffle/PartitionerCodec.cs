using MicroSpark.Partitioners;
using MicroSpark.Plans;

namespace MicroSpark.Shuffle;

/// <summary>Partitioners inside plans: the engine's own by their fields, a user's as a value of the user's type.</summary>
internal static class PartitionerCodec
{
    public static void Write<K>(PlanWriter writer, Partitioner<K> partitioner)
    {
        switch (partitioner.Bare)
        {
            case HashPartitioner<K> hash:
                writer.Int32(0);
                writer.Int32(hash.NumPartitions);
                break;
            case KeyRanges<K> range:
                writer.Int32(1);
                writer.Value(range.Bounds.ToArray());
                writer.Boolean(range.Ascending);
                writer.Value(range.Comparer);
                break;
            case SortedPartitioner<K> sorted:
                writer.Int32(3);
                writer.Lineage(sorted.Sort);
                writer.Int32(sorted.NumPartitions);
                break;
            default:
                writer.Int32(2);
                writer.Value(partitioner);
                break;
        }
    }

    public static Partitioner<K> Read<K>(PlanReader reader) => reader.Int32() switch
    {
        0 => new HashPartitioner<K>(reader.Int32()),
        1 => new KeyRanges<K>(reader.Value<K[]>(), reader.Boolean(), reader.Value<IComparer<K>?>()),
        3 => new SortedPartitioner<K>(reader.Lineage(), reader.Int32()),
        _ => reader.Value<Partitioner<K>>(),
    };
}
