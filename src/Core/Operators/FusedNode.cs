using MicroSpark.Closures;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;

namespace MicroSpark.Operators;

/// <summary>
/// Base of the operators that work element by element on one parent; <paramref name="others"/> only say something about it.
/// </summary>
internal abstract class FusedNode<TIn, TOut>(PlanNode<TIn> parent, params PlanNode[] others) : PlanNode<TOut>([parent, .. others]),
IFusedNode
{
    public PlanNode<TIn> Parent { get; } = parent;

    public virtual (PlanNode Node, int Partition) Upstream(int partition) => (Parent, partition);

    public abstract Delegate[] CreateFunctions(int partition, TaskScope scope);

    public abstract void Emit(StageEmitter emitter, int firstFunction);

    public object Iterate(object upstream, ReadOnlySpan<Delegate> functions) => Iterate((IEnumerable<TIn>)upstream, functions);

    protected abstract IEnumerable<TOut> Iterate(IEnumerable<TIn> upstream, ReadOnlySpan<Delegate> functions);

    public sealed override ChunkReader<TOut> Open(int partition, TaskScope scope) =>
        throw new InvalidOperationException($"{Operator} is part of a chain and is never opened by itself.");
}

/// <summary>Base of the operators that are one function of the user's.</summary>
internal abstract class FunctionNode<TIn, TOut, TFunction>(PlanNode<TIn> parent, string operatorName, Closure<TFunction> function)
    : FusedNode<TIn, TOut>(parent)
    where TFunction : Delegate
{
    protected FunctionNode(PlanReader reader)
        : this(reader.Parent<TIn>(), reader.Text(), reader.Closure<TFunction>())
    {
    }

    public sealed override string Operator => operatorName;

    /// <summary>The function, as it was declared.</summary>
    protected Closure<TFunction> Function => function;

    protected sealed override bool HasStableIdentity => function.HasStableIdentity;

    public sealed override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        writer.Closure(function);
    }

    public sealed override Delegate[] CreateFunctions(int partition, TaskScope scope) => [function.CreateInstance()];
}
