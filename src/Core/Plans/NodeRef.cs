namespace MicroSpark.Plans;

/// <summary>
/// A plan node that may not be built yet: when a node's form depends on partition counts (a default partitioner) and a file source
/// below it has not been listed. Files are listed at the first use, not at declaration.
/// </summary>
internal abstract class NodeRef
{
    private readonly Lock _gate = new();
    private readonly NodeRef[] _parents;
    private Func<PlanNode>? _build;
    private PlanNode? _node;

    protected NodeRef(string operatorName, Func<PlanNode> build, bool needsCounts, NodeRef[] parents)
    {
        Operator = operatorName;
        _build = build;
        _parents = parents;
        var parentsBuilt = Array.TrueForAll(parents, p => p._node is not null);
        if (parentsBuilt && (!needsCounts || Array.TrueForAll(parents, p => !p._node!.DependsOnListing)))
        {
            Build();
        }
    }

    public string Operator { get; }

    /// <summary>Whether the node waits for a file source to be listed.</summary>
    public bool IsDeferred => _node is null;

    /// <summary>What the user says of the recipe; shared with the node once it is built.</summary>
    public NodeMarks Marks { get; private set; } = new();

    public static NodeRef<T> Of<T>(string operatorName, Func<PlanNode<T>> build, bool needsCounts, params NodeRef[] parents) =>
        new(operatorName, build, needsCounts, parents);

    /// <summary>Builds what is missing with a loop, parents first: a recipe may be 10,000 operators deep.</summary>
    protected PlanNode Force()
    {
        if (_node is { } built)
        {
            return built;
        }

        var pending = new Stack<NodeRef>();
        pending.Push(this);
        while (pending.TryPeek(out var top))
        {
            var missing = Array.Find(top._parents, p => p._node is null);
            if (missing is not null)
            {
                pending.Push(missing);
                continue;
            }

            pending.Pop();
            top.Build();
        }

        return _node!;
    }

    private void Build()
    {
        lock (_gate)
        {
            if (_node is null)
            {
                var node = _build!();
                node.Adopt(Marks);
                Marks = node.Marks;
                _node = node;
                _build = null;
            }
        }
    }
}

/// <inheritdoc />
internal sealed class NodeRef<T>(string operatorName, Func<PlanNode<T>> build, bool needsCounts, NodeRef[] parents)
    : NodeRef(operatorName, build, needsCounts, parents)
{
    public PlanNode<T> Node => (PlanNode<T>)Force();
}
