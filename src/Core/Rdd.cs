using MicroSpark.Closures;
using MicroSpark.Codecs;
using MicroSpark.Plans;

namespace MicroSpark;

/// <summary>
/// A lazy, immutable recipe for a dataset in partitions. Transformations give new recipes; actions (<c>...Async</c>) compute one. Each
/// operator is declared in a file of its own under <c>Operators</c> or <c>Actions</c>.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
[NotEncodable(ShippingRules.OnlyOnTheClient)]
public partial class Rdd<T>
{
    private readonly NodeRef<T> _node;

    internal Rdd(JobRunner runner, NodeRef<T> node)
    {
        ElementRules.Check<T>(node.Operator);
        Runner = runner;
        _node = node;
    }

    internal JobRunner Runner { get; }

    internal NodeRef<T> Ref => _node;

    /// <summary>The plan node; lists the files of a file source when its partition count decides the plan's form.</summary>
    internal PlanNode<T> Node => _node.Node;

    /// <summary>The operator's name, or what <see cref="SetName"/> gave.</summary>
    public string Name => _node.Marks.Name ?? _node.Operator;

    /// <summary>Names this recipe by content. Runs no job; lists the files of a file source.</summary>
    /// <exception cref="FileNotFoundException">A file source's path does not exist.</exception>
    public LineageId Lineage => Node.Lineage;

    /// <summary>Number of partitions, 0 or more. Runs no job; lists the files of a file source.</summary>
    /// <exception cref="FileNotFoundException">A file source's path does not exist.</exception>
    public int NumPartitions => Node.NumPartitions;

    /// <summary>Where computed partitions are kept; <see cref="MicroSpark.StorageLevel.None"/> unless persisted.</summary>
    public StorageLevel StorageLevel => _node.Marks.StorageLevel;

    /// <summary>Names this RDD in lists, progress and errors.</summary>
    /// <returns>This RDD.</returns>
    public Rdd<T> SetName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        _node.Marks.Name = name;
        return this;
    }

    /// <summary>
    /// The recipe as text: a line for each operator, the last one first. A line that begins with a partition count in brackets begins a
    /// stage, below the shuffle that separates it from what is above. A storage level stands behind what is persisted. Runs no job; lists
    /// the files of a file source.
    /// </summary>
    /// <example><code>
    /// (2) ReduceByKey
    ///  +-(4) Map
    ///     |  FlatMap [MemoryOnly]
    ///     |  TextFile
    /// </code></example>
    /// <exception cref="FileNotFoundException">A file source's path does not exist.</exception>
    public string ToDebugString() => LineageText.Of(Node);

    /// <summary>
    /// The recipe as a Mermaid flowchart, for a notebook or a document: a box for each operator with its partition count, a thick arrow for
    /// each shuffle. Runs no job; lists the files of a file source.
    /// </summary>
    /// <exception cref="FileNotFoundException">A file source's path does not exist.</exception>
    public string ToMermaid() => LineageDiagram.Of(Node);

    /// <inheritdoc />
    public override string ToString() => $"{Name} of {typeof(T).Name}";

    /// <summary>A recipe on top of this one.</summary>
    internal Rdd<U> Derive<U>(string operatorName, Func<PlanNode<T>, PlanNode<U>> build, bool needsCounts = false) =>
        new(Runner, NodeRef.Of(operatorName, () => build(Node), needsCounts, _node));

    /// <summary>A recipe on top of this one and another.</summary>
    internal Rdd<R> Derive<U, R>(
        string operatorName, Rdd<U> other, Func<PlanNode<T>, PlanNode<U>, PlanNode<R>> build, bool needsCounts = false)
    {
        EnsureSameContext(other);
        return new Rdd<R>(Runner, NodeRef.Of(operatorName, () => build(Node, other.Node), needsCounts, _node, other.Ref));
    }

    internal void EnsureSameContext<U>(Rdd<U> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!ReferenceEquals(other.Runner, Runner))
        {
            throw new ArgumentException(
                "Both RDDs must come from the same context. Collect one and Parallelize it in the other's context.", nameof(other));
        }
    }

    /// <summary>Captures a lambda now, with the values it reads.</summary>
    internal Closure<TDelegate> Capture<TDelegate>(TDelegate function, string operatorName, string parameterName = "f")
        where TDelegate : Delegate
    {
        ArgumentNullException.ThrowIfNull(function, parameterName);
        Runner.EnsureUsable();
        return Closure<TDelegate>.Capture(function, operatorName, parameterName);
    }
}
