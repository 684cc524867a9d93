namespace MicroSpark.Contract;

/// <summary>The types that programs name, with what they can be asked.</summary>
internal static class Types
{
    public static void Values()
    {
        Optional<int> some = 1;
        var made = Optional<int>.Some(2);
        var none = Optional<int>.None;
        var value = none.GetValueOrDefault(3);
        (var has, var inside) = made;
        StorageLevel[] levels =
        [
            StorageLevel.None, StorageLevel.MemoryOnly, StorageLevel.MemoryOnlySerialized, StorageLevel.MemoryAndDisk, StorageLevel.MemoryAndDiskSerialized,
            StorageLevel.DiskOnly, StorageLevel.MemoryOnly2, StorageLevel.MemoryOnlySerialized2, StorageLevel.MemoryAndDisk2,
            StorageLevel.MemoryAndDiskSerialized2, StorageLevel.DiskOnly2,
        ];
        var task = TaskContext.Current;
        (int?, int?, int?, long?, int?) about = (task?.PartitionIndex, task?.StageId, task?.AttemptNumber, task?.TaskAttemptId, task?.NumPartitions);
        _ = (some.HasValue, some.Value, value, has, inside, levels, about);
    }

    public static async Task Partitioners(Rdd<(int Key, string Value)> rdd)
    {
        Partitioner<int> hash = new HashPartitioner<int>(partitions: 4);
        var equal = new HashPartitioner<int>(4) == new HashPartitioner<int>(4);
        var range = await RangePartitioner<int>.SampleAsync(rdd: rdd, partitions: 4, ascending: false);
        Partitioner<int> own = new Parity();
        _ = (hash.NumPartitions, hash.GetPartition(key: 1), equal, range, own);
    }

    public static void Errors(JobFailedException failed, RemoteException remote, ClosureNotShippableException closure, ClusterUnavailableException cluster)
    {
        _ = (failed.Job, failed.Stage, failed.Operator, failed.Partition, failed.Attempt, failed.Worker, failed.InnerException);
        var element = failed.ElementIndex;
        Exception[] errors = [failed, remote, cluster];
        ArgumentException argument = closure;
        _ = (element, remote.TypeName, closure.FieldPath, errors, argument);
    }

    private sealed class Parity : Partitioner<int>
    {
        public override int NumPartitions => 2;

        public override int GetPartition(int key) => key & 1;
    }

    private sealed record CaseInsensitive(string Text) : IStableHash
    {
        public ulong StableHash => (ulong)Text.ToUpperInvariant().Length;
    }
}
