using MicroSpark.Operators;

namespace MicroSpark;

public partial class Rdd<T>
{
    /// <summary>For functions whose partitions work together: their tasks are sent out all at once, or none is.</summary>
    public BarrierRdd<T> Barrier() => new(this);
}

/// <summary>
/// An RDD whose next step is a barrier stage. All its tasks are sent out at once, and no worker gets more of them than it has slots. When a
/// task fails or its worker is lost, all tasks start again. Fewer slots than partitions fail the job. Narrow operators before and after
/// share the stage; a shuffle or a persisted RDD ends it.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed class BarrierRdd<T>
{
    private readonly Rdd<T> _rdd;

    internal BarrierRdd(Rdd<T> rdd) => _rdd = rdd;

    /// <summary><see cref="Rdd{T}.MapPartitions{U}(Func{IEnumerable{T}, IEnumerable{U}}, bool)"/> as a barrier stage.</summary>
    /// <param name="f">Takes the partition's elements in order; what it gives are the new partition's.</param>
    /// <param name="preservesPartitioning">True when the function leaves the keys of pairs as they are: the partitioner is then
    /// kept.</param>
    /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel.</exception>
    public Rdd<U> MapPartitions<U>(Func<IEnumerable<T>, IEnumerable<U>> f, bool preservesPartitioning = false)
    {
        ArgumentNullException.ThrowIfNull(f);
        return _rdd.MapPartitions<U>(nameof(MapPartitions), new PartitionFunction<T, U>(f).Apply, preservesPartitioning, barrier: true);
    }

    /// <summary><see cref="MapPartitions{U}"/> with the partition's index, from 0.</summary>
    public Rdd<U> MapPartitionsWithIndex<U>(Func<int, IEnumerable<T>, IEnumerable<U>> f, bool preservesPartitioning = false) =>
        _rdd.MapPartitions(nameof(MapPartitionsWithIndex), f, preservesPartitioning, barrier: true);
}
