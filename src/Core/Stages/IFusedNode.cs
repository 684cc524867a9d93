using MicroSpark.Plans;

namespace MicroSpark.Stages;

/// <summary>A narrow operator on one parent that works element by element, and so becomes part of its stage's loop.</summary>
internal interface IFusedNode
{
    /// <summary>The parent and the partition of it that feeds <paramref name="partition"/>.</summary>
    (PlanNode Node, int Partition) Upstream(int partition);

    /// <summary>
    /// The operator's functions, as one task's own copies. A function of the operator's own may have a state: it is called in order.
    /// </summary>
    /// <param name="partition">The operator's partition, not the source's.</param>
    Delegate[] CreateFunctions(int partition, TaskScope scope);

    /// <summary>
    /// Emits the operator for the element in <see cref="StageEmitter.Current"/> and leaves the element of its output there.
    /// </summary>
    void Emit(StageEmitter emitter, int firstFunction);

    /// <summary>The same with plain delegates: takes and gives an <see cref="IEnumerable{T}"/>.</summary>
    object Iterate(object upstream, ReadOnlySpan<Delegate> functions);
}
