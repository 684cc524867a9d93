using System.Reflection.Emit;
using MicroSpark.Files;
using MicroSpark.Stages;

namespace MicroSpark.Plans;

/// <summary>
/// Where a fused chain ends: a struct, so that the loop calls <see cref="Add"/> directly and the JIT keeps its fields in registers.
/// </summary>
internal interface ISink<T>
{
    /// <summary>Takes one element; false when no more are wanted.</summary>
    bool Add(T item);
}

/// <summary>A sink that takes runs of elements as well, when nothing is between it and their reader.</summary>
internal interface IRunSink<T> : ISink<T>
{
    /// <summary>The run is valid during the call.</summary>
    void AddRun(ReadOnlySpan<T> run);

    /// <summary>The run stays as it is, and belongs to others: it may be kept and read, not changed.</summary>
    void AddLasting(ReadOnlyMemory<T> run);
}

/// <summary>Marks a sink that takes all elements and shows nobody when each came: sequences may be pulled ahead of it.</summary>
internal interface ITakesAll;

/// <summary>A sink with functions of the user's: the compiled loop calls their methods directly instead of <see cref="ISink{T}.Add"/>.</summary>
internal interface IEmittingSink
{
    /// <summary>The functions, in the order in which <see cref="EmitAdd"/> refers to them.</summary>
    Delegate[] Functions { get; }

    /// <summary>Emits what <see cref="ISink{T}.Add"/> does with <see cref="StageEmitter.Current"/>, for the sink in a local.</summary>
    void EmitAdd(StageEmitter emitter, LocalBuilder sink, int firstFunction);
}

/// <summary>A sink with a loop of its own for elements that nothing is done to between their run and it.</summary>
internal interface IEmittingRunSink : IEmittingSink
{
    /// <summary>Whether it has one for elements of this type.</summary>
    bool TakesRuns { get; }

    /// <summary>Whether elements may wait to be taken as longer runs: nothing of them can change, and taking them cannot fail.</summary>
    bool MayWait(StageEmitter emitter, int firstFunction);

    /// <summary>Emits what <see cref="IEmittingSink.EmitAdd"/> does, for all elements of the span in a local.</summary>
    void EmitAddRun(StageEmitter emitter, LocalBuilder sink, LocalBuilder run, int firstFunction);
}

/// <summary>A narrow operator on one parent that works element by element, and so becomes part of its stage's loop.</summary>
internal interface IFusedNode
{
    /// <summary>The parent and the partition of it that feeds <paramref name="partition"/>.</summary>
    (PlanNode Node, int Partition) Upstream(int partition);

    /// <summary>The operator's functions, as one task's own copies. A function of the operator's own may have a state: it is called in order.</summary>
    /// <param name="partition">The operator's partition, not the source's.</param>
    Delegate[] CreateFunctions(int partition, TaskScope scope);

    /// <summary>
    /// Emits the operator for the element in <see cref="StageEmitter.Current"/> and leaves the element of its output there.
    /// </summary>
    void Emit(StageEmitter emitter, int firstFunction);

    /// <summary>The same with plain delegates: takes and gives an <see cref="IEnumerable{T}"/>.</summary>
    object Iterate(object upstream, ReadOnlySpan<Delegate> functions);
}

/// <summary>How far a loop is. Written by the loop, read when an element's function throws, and to stop it.</summary>
internal sealed class TaskProgress(CancellationToken cancellation)
{
    /// <summary>Position of the current element in the partition's source, or among the words when the loop reads <see cref="Words"/>.</summary>
    public long Index;

    /// <summary>What the loop reads instead of lines.</summary>
    public WordReader? Words;

    /// <summary>Position of the first element of the run that a loop is handed.</summary>
    public long Base;

    /// <summary>The operator at work, by its place in the chain; -1 before the first.</summary>
    public int Operator = -1;

    /// <summary>Position of the current element in the partition's source.</summary>
    public long SourceIndex => Words?.LineOf(Index) ?? Index;

    public void ThrowIfCancelled() => cancellation.ThrowIfCancellationRequested();
}
