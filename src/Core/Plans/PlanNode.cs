using System.Security.Cryptography;
using System.Text;
using MicroSpark.Model;
using MicroSpark.Readers;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Plans;

/// <summary>
/// One operator of a recipe: immutable, the same on the client and on a worker. Its life:
/// declared on the client (constructor; closures are captured) → resolved (<see cref="Resolve"/>: partition count and lineage id, when
/// one of them is first asked for) → encoded into a job's plan (<see cref="WriteArguments"/>) → decoded on a worker (the constructor
/// that takes a <see cref="PlanReader"/>) → opened once per task.
/// Everything that walks lineage does so with loops: a plan may be 10,000 operators deep.
/// </summary>
internal abstract class PlanNode(params PlanNode[] parents)
{
    private readonly Lock _gate = new();
    private int _numPartitions = -1;
    private LineageId _lineage;
    private PlanCulture _culture = PlanCulture.Current;
    private bool _resolved;
    private SkeletonNode? _skeleton;

    // ---- structure ----

    public IReadOnlyList<PlanNode> Parents { get; } = parents;

    /// <summary>The operator as errors and progress name it: the public method, such as <c>Map</c>.</summary>
    public abstract string Operator { get; }

    public abstract Type ElementType { get; }

    /// <summary>The name by which a plan says which class its worker makes (<see cref="NodeKinds"/>).</summary>
    public string Kind => GetType().Name;

    /// <summary>Fused unless the node's own output outlives its task.</summary>
    public virtual OutputKind Output => OutputKind.Fused;

    /// <summary>Whether running a task twice can be seen from outside (at-least-once; never speculated).</summary>
    public virtual bool SideEffects => false;

    /// <summary>Whether its tasks run programs of the worker's host that the plan names: refused where only approved code runs.</summary>
    public virtual bool RunsPrograms => false;

    /// <summary>Whether all tasks of its stage run together.</summary>
    public virtual bool Barrier => false;

    /// <summary>How this node's partitions map to those of the parent at <paramref name="parent"/>.</summary>
    public virtual PartitionMap MapOf(int parent) => PartitionMap.OneToOne.Instance;

    /// <summary>The <see cref="Partitioner{K}"/> by which the elements (pairs) are known to be placed; null when unknown.</summary>
    public virtual object? Partitioner => null;

    /// <summary>What this operator calls the members of the tuples that it gives; null when it does not name them.</summary>
    public virtual IReadOnlyList<string?>? ElementNames => TupleNames.OfElements(GetType());

    /// <summary>The node below whose elements this one hands on; null when it makes its own.</summary>
    public virtual PlanNode? SameElements => Parents.Count > 0 && Parents[0].ElementType == ElementType ? Parents[0] : null;

    /// <summary>What the user said of this recipe after declaring it. Not part of its identity.</summary>
    public NodeMarks Marks { get; private set; } = new();

    /// <summary>Of a shuffle that has been part of a job: what lives while the client can name its output.</summary>
    public OutputName? OutputName { get; set; }

    /// <summary>Whether a file source below this node must be listed before partition counts are known.</summary>
    public bool DependsOnListing { get; protected init; } = Array.Exists(parents, static p => p.DependsOnListing);

    /// <summary>This node, or what reads its checkpoint: the same recipe without a lineage.</summary>
    public PlanNode Effective => Marks.Checkpoint?.Substitute ?? this;

    /// <summary>
    /// Takes over what was said before the node was built. A node that an operator returns unchanged keeps its own marks.
    /// </summary>
    internal void Adopt(NodeMarks marks)
    {
        if (marks.Name is not null || marks.StorageLevel != StorageLevel.None || marks.Checkpoint is not null)
        {
            Marks = marks;
        }
    }

    // ---- identity ----

    /// <summary>What the client's culture was when the operator was declared.</summary>
    public PlanCulture Culture => _culture;

    public int NumPartitions
    {
        get
        {
            Resolve();
            return _numPartitions;
        }
    }

    public LineageId Lineage
    {
        get
        {
            Resolve();
            return _lineage;
        }
    }

    /// <summary>Partition count, from the parents' counts. Called once, parents first.</summary>
    protected virtual int CountPartitions() => Parents[0].NumPartitions;

    /// <summary>False when the recipe cannot be named by content: it gets a random id and is not shared.</summary>
    protected virtual bool HasStableIdentity => true;

    /// <summary>Whether what was computed for one plan must not be found by another.</summary>
    protected virtual bool IsUnique => false;

    /// <summary>Writes what a worker needs to rebuild this node, besides its parents and type arguments.</summary>
    public abstract void WriteArguments(PlanWriter writer);

    /// <summary>Writes what tells this recipe from others; by default its arguments.</summary>
    protected virtual void WriteIdentity(PlanWriter writer) => WriteArguments(writer);

    private void Resolve()
    {
        if (Volatile.Read(ref _resolved))
        {
            return;
        }

        var pending = new Stack<PlanNode>();
        pending.Push(this);
        while (pending.TryPeek(out var node))
        {
            var ready = true;
            foreach (var parent in node.Parents)
            {
                if (!Volatile.Read(ref parent._resolved))
                {
                    pending.Push(parent);
                    ready = false;
                }
            }

            if (ready)
            {
                pending.Pop();
                node.ResolveSelf();
            }
        }
    }

    private void ResolveSelf()
    {
        lock (_gate)
        {
            if (_resolved)
            {
                return;
            }

            _numPartitions = CountPartitions();
            _lineage = HasStableIdentity && !IsUnique ? HashIdentity() : LineageId.FromHash(RandomNumberGenerator.GetBytes(32));
            Volatile.Write(ref _resolved, true);
        }
    }

    private LineageId HashIdentity()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[32];
        hash.AppendData(Encoding.UTF8.GetBytes(Kind));
        foreach (var argument in GetType().GenericTypeArguments)
        {
            hash.AppendData(PlanTypes.IdentityOf(argument));
        }

        // What one build computed is not what another would: they do not find each other's outputs.
        BitConverter.TryWriteBytes(bytes, ProtocolNumber.Current.Value);
        hash.AppendData(bytes[..4]);
        hash.AppendData(Encoding.UTF8.GetBytes($"{_culture.Name} {_culture.UIName}"));
        BitConverter.TryWriteBytes(bytes, _numPartitions);
        hash.AppendData(bytes[..4]);
        foreach (var parent in Parents)
        {
            parent._lineage.CopyTo(bytes);
            hash.AppendData(bytes);
        }

        var writer = new PlanWriter();
        WriteIdentity(writer);
        hash.AppendData(writer.WrittenSpan);
        return LineageId.FromHash(hash.GetHashAndReset());
    }

    // ---- execution, for those who do not know the element type ----

    /// <summary>The head of a chain: the kept output when there is one, else <see cref="PlanNode{T}.Open"/>.</summary>
    internal abstract object OpenHead(int partition, TaskScope scope);

    /// <summary>A fused node read through a pipeline of its own: where a long chain is cut.</summary>
    internal abstract object OpenAsReader(int partition, TaskScope scope);

    /// <summary>A head as a sequence that counts its elements.</summary>
    internal abstract object Enumerate(object reader, LoopProgress progress);

    /// <summary>All elements of a partition as a block: what a persisted node's task leaves.</summary>
    internal abstract Block Materialise(int partition, TaskScope scope);

    /// <summary>A head that ends after each run.</summary>
    internal abstract IOneRun OneRun(object reader);

    /// <summary>
    /// What the plan's skeleton says of this node. Only on a worker, where a node belongs to the one plan that it was decoded from.
    /// </summary>
    internal SkeletonNode Skeleton =>
        _skeleton ?? throw new InvalidOperationException($"{Operator} was declared here, and not decoded from a plan.");

    /// <summary>Takes the identity that the client computed, on a worker.</summary>
    internal void Restore(SkeletonNode skeleton, PlanCulture culture)
    {
        _skeleton = skeleton;
        Restore(skeleton.Lineage, skeleton.NumPartitions, culture);
    }

    /// <summary>Takes another node's identity: of what stands in for it, such as its checkpoint.</summary>
    internal void Restore(LineageId lineage, int numPartitions, PlanCulture culture)
    {
        _culture = culture;
        _lineage = lineage;
        _numPartitions = numPartitions;
        Volatile.Write(ref _resolved, true);
    }
}

/// <summary>A node whose partitions hold elements of type <typeparamref name="T"/>.</summary>
internal abstract class PlanNode<T>(params PlanNode[] parents) : PlanNode(parents)
{
    public override Type ElementType => typeof(T);

    /// <summary>
    /// The elements of one partition, as the head of a fused chain. Called on a task's thread. Nodes that fuse
    /// (<see cref="IFusedNode"/>) are never opened.
    /// </summary>
    public abstract ChunkReader<T> Open(int partition, TaskScope scope);

    internal override object OpenHead(int partition, TaskScope scope) =>
        scope.IsKept(this) ? scope.ReadKept(this, partition) : Open(partition, scope);

    internal override object OpenAsReader(int partition, TaskScope scope) => scope.Pipe(this, partition).AsReader();

    internal override object Enumerate(object reader, LoopProgress progress) => EnumerateRuns((ChunkReader<T>)reader, progress);

    internal override IOneRun OneRun(object reader) => new OneRunReader<T>((ChunkReader<T>)reader);

    internal override Block Materialise(int partition, TaskScope scope)
    {
        using var keeper = new PartitionKeeper<T>(StorageLevel.FromCode(Skeleton.StorageLevel), scope.Memory, scope.Code);
        var sink = new KeepSink<T>(keeper);
        scope.Pipe(this, partition).DriveRuns(ref sink);
        return sink.Complete();
    }

    private static IEnumerable<T> EnumerateRuns(ChunkReader<T> reader, LoopProgress progress)
    {
        // Runs start small: a consumer that stops after a few elements has had few read ahead.
        var buffer = Array.Empty<T>();
        for (var limit = 1; ; limit = Math.Min(limit * 4, 1024))
        {
            var count = Copy(reader, limit, ref buffer, progress);
            if (count == 0)
            {
                yield break;
            }

            for (var i = 0; i < count; i++)
            {
                yield return buffer[i];
                progress.Index++;
                progress.ThrowIfStopped();
            }

            progress.Task.Count(count);
        }
    }

    private static int Copy(ChunkReader<T> reader, int limit, ref T[] buffer, LoopProgress progress)
    {
        using var section = progress.Task.Engine();
        progress.ThrowIfStopped();
        if (!reader.Next(limit, out var run))
        {
            return 0;
        }

        if (buffer.Length < run.Length)
        {
            buffer = new T[run.Length];
        }

        run.CopyTo(buffer);
        return run.Length;
    }
}
