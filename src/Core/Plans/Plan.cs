using MicroSpark.Code;

namespace MicroSpark.Plans;

/// <summary>A decoded plan on a worker: typed nodes beside the skeleton. Shared by all tasks of the plan; holds no task's state.</summary>
internal sealed class Plan
{
    private Plan(PlanSkeleton skeleton, PlanNode[] nodes, CodeSpace code)
    {
        Code = code;
        Skeleton = skeleton;
        Nodes = nodes;
    }

    public PlanSkeleton Skeleton { get; }

    public IReadOnlyList<PlanNode> Nodes { get; }

    /// <summary>The plan's assemblies: the only ones of whose types its tasks' data may be.</summary>
    public CodeSpace Code { get; }

    /// <summary>Rebuilds the nodes. The plan's assemblies are already in <paramref name="space"/>.</summary>
    /// <param name="owner">Whose plan it is: see <see cref="Tasks.PlanRef.Owner"/>.</param>
    /// <exception cref="InvalidDataException">The plan is damaged or comes from another version.</exception>
    public static Plan Decode(ReadOnlyMemory<byte> bytes, CodeSpace space, string? owner = null)
    {
        var reader = new PlanReader(bytes, [], space);
        PlanHeader.FromBytes(reader.Bytes()).EnsureRuns();
        var skeleton = SkeletonCodec.Read(reader.Bytes()).KeptFor(owner);
        _ = EncodedPlan.ReadBlobs(reader);
        PlanZone.Read(reader).EnsureRuns();
        var types = PlanTypes.Read(reader.Bytes(), space);
        var body = new PlanReader(reader.Bytes(), [], space);
        var cultures = new PlanCulture[body.Count(2 * sizeof(int))];
        for (var i = 0; i < cultures.Length; i++)
        {
            cultures[i] = new PlanCulture(body.Text(), body.Text());
        }

        var nodes = new PlanNode[skeleton.Nodes.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            var kind = body.Text();
            var arguments = new Type[body.Count(sizeof(int))];
            for (var a = 0; a < arguments.Length; a++)
            {
                arguments[a] = types[body.Index(types.Length)];
            }

            var parents = new PlanNode[skeleton.Nodes[i].Parents.Count];
            for (var p = 0; p < parents.Length; p++)
            {
                parents[p] = nodes[skeleton.Nodes[i].Parents[p].Parent];
            }

            var culture = cultures[body.Index(cultures.Length)];
            nodes[i] = NodeKinds.Create(NodeKinds.Find(kind, arguments), new PlanReader(body.Bytes(), parents, space));
            if (space.Approved is not null && nodes[i].RunsPrograms)
            {
                throw ApprovedCode.Refused($"The plan has the operator {nodes[i].Operator}, which runs any program of the worker's host");
            }

            nodes[i].Restore(skeleton.Nodes[i], culture);
        }

        return new Plan(skeleton, nodes, space);
    }
}
