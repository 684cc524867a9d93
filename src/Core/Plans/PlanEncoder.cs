using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Errors;
using MicroSpark.Model;

namespace MicroSpark.Plans;

/// <summary>Turns the nodes below a root (an action) into a plan that travels.</summary>
internal static class PlanEncoder
{
    public static EncodedPlan Encode(PlanNode root)
    {
        var nodes = TopologicalOrder(root);
        var index = new Dictionary<LineageId, int>(nodes.Count);
        for (var i = 0; i < nodes.Count; i++)
        {
            index.Add(nodes[i].Lineage, i);
        }

        var types = new PlanTypes();
        var cultures = nodes.Select(n => n.Culture).Distinct().ToList();
        var body = new PlanWriter();
        var counts = new bool[nodes.Count];
        var methods = new List<PlanLambda>();
        string? localTime = null;
        body.Int32(cultures.Count);
        foreach (var culture in cultures)
        {
            body.Text(culture.Name);
            body.Text(culture.UIName);
        }

        foreach (var node in nodes)
        {
            var arguments = new PlanWriter();
            node.WriteArguments(arguments);
            body.Assemblies.UnionWith(arguments.Assemblies);
            body.Blobs.AddRange(arguments.Blobs);
            var at = index[node.Lineage];
            counts[at] = arguments.Counts;
            methods.AddRange(arguments.Methods.Select(one => new PlanLambda(at, one.Method, one.Captured)));
            localTime ??= arguments.LocalTime;
            body.Text(node.Kind);
            var generics = node.GetType().GenericTypeArguments;
            body.Int32(generics.Length);
            foreach (var type in generics)
            {
                body.Int32(types.IndexOf(type));
            }

            body.Int32(cultures.IndexOf(node.Culture));
            body.Bytes(arguments.WrittenSpan);
        }

        var typeTable = types.ToBytes();
        body.Assemblies.UnionWith(types.Assemblies);
        var assemblies = AssemblyShipping.BlobsOf(body.Assemblies);
        var blobs = new List<PlanBlob>(body.Blobs);
        var plan = new PlanWriter();
        plan.Bytes(PlanHeader.Current.ToBytes());
        var skeleton = Skeleton(nodes, index);
        EnsureData(nodes, skeleton);
        plan.Bytes(SkeletonCodec.Write(skeleton));
        plan.Int32(assemblies.Count);
        foreach (var (assembly, blob) in assemblies)
        {
            plan.Lineage(assembly.Hash);
            plan.Lineage(blob.Name.Hash);
            blobs.Add(blob);
        }

        BlobName[] data = [.. body.Blobs.Select(static blob => blob.Name).Distinct()];
        plan.Int32(data.Length);
        foreach (var name in data)
        {
            plan.Lineage(name.Hash);
        }

        var zone = new PlanZone(LocalZone.Current, localTime);
        zone.Write(plan);
        plan.Bytes(typeTable);
        plan.Bytes(body.WrittenSpan);
        return new EncodedPlan(plan.WrittenSpan.ToArray(), blobs)
        {
            Root = root,
            Zone = zone,
            Counting = Counting(skeleton, counts),
            Outputs = nodes.FindAll(static node => node.Output == OutputKind.Shuffle),
            Checkpoints = Pending(nodes),
            Methods = methods,
        };
    }

    /// <summary>
    /// What goes to other tasks or to the program is data, in every mode: another process could not have it. What is persisted may stay
    /// with the worker that made it.
    /// </summary>
    /// <exception cref="ClosureNotShippableException">Elements of a declared type are none.</exception>
    private static void EnsureData(List<PlanNode> nodes, PlanSkeleton skeleton)
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            if (skeleton.Nodes[i].Output is not (OutputKind.Shuffle or OutputKind.Result))
            {
                continue;
            }

            try
            {
                ValueCodec.EnsureEncodable(nodes[i].ElementType);
            }
            catch (NotEncodableException error)
            {
                throw new ClosureNotShippableException(
                    $"{nodes[i].Operator} sends values to other tasks or to the program that are no data: '{error.Path}': {error.Reason}",
                    error.Path, error);
            }
        }
    }

    private static CheckpointMark[] Pending(List<PlanNode> nodes) =>
        nodes.Exists(static node => node.Marks.Checkpoint is not null)
            ? [.. nodes.Select(static node => node.Marks.Checkpoint).OfType<CheckpointMark>().Where(static mark => mark.IsPending)]
            : [];

    /// <summary>Kept outputs whose tasks run a node that counts: one of their own stage.</summary>
    private static List<LineageId> Counting(PlanSkeleton skeleton, bool[] counts)
    {
        var counting = new List<LineageId>();
        if (!counts.Contains(true))
        {
            return counting;
        }

        for (var i = 0; i < counts.Length; i++)
        {
            var node = skeleton.Nodes[i];
            counts[i] |= node.Parents.Any(edge => counts[edge.Parent] && skeleton.Nodes[edge.Parent].Output == OutputKind.Fused);
            if (counts[i] && node.Output is OutputKind.Shuffle or OutputKind.Persisted)
            {
                counting.Add(node.Lineage);
            }
        }

        return counting;
    }

    /// <summary>
    /// Parents before children. Two nodes of one lineage are one recipe, hence one entry: the persisted one when only one of them is.
    /// </summary>
    private static List<PlanNode> TopologicalOrder(PlanNode root)
    {
        var order = new List<PlanNode>();
        var chosen = new Dictionary<LineageId, int>();
        var entered = new HashSet<PlanNode>(ReferenceEqualityComparer.Instance) { root };
        var pending = new Stack<(PlanNode Node, int NextParent)>();
        pending.Push((root, 0));
        while (pending.TryPop(out var top))
        {
            if (top.NextParent < top.Node.Parents.Count)
            {
                pending.Push((top.Node, top.NextParent + 1));
                var parent = top.Node.Parents[top.NextParent].Effective;
                if (entered.Add(parent))
                {
                    pending.Push((parent, 0));
                }
            }
            else if (chosen.TryAdd(top.Node.Lineage, order.Count))
            {
                order.Add(top.Node);
            }
            else if (top.Node.Marks.StorageLevel != StorageLevel.None)
            {
                order[chosen[top.Node.Lineage]] = top.Node;
            }
        }

        return order;
    }

    private static PlanSkeleton Skeleton(List<PlanNode> nodes, Dictionary<LineageId, int> index)
    {
        var outputs = nodes.ConvertAll(OutputOf);
        var stages = StageNumbers.Of(nodes, index, outputs);
        var skeleton = new SkeletonNode[nodes.Count];
        for (var i = 0; i < nodes.Count; i++)
        {
            var node = nodes[i];
            var edges = new SkeletonEdge[node.Parents.Count];
            for (var p = 0; p < edges.Length; p++)
            {
                edges[p] = new SkeletonEdge(index[node.Parents[p].Lineage], node.MapOf(p));
            }

            skeleton[i] = new SkeletonNode(
                node.Lineage, node.Operator, node.Marks.Name, node.NumPartitions, outputs[i], node.Marks.StorageLevel.Code,
                node.SideEffects,
                stages[i], edges)
            {
                Barrier = node.Barrier || Array.Exists(edges, edge => skeleton[edge.Parent] is { Barrier: true, Output: OutputKind.Fused }),
            };
        }

        return new PlanSkeleton(skeleton);
    }

    private static OutputKind OutputOf(PlanNode node) =>
        node.Output != OutputKind.Fused ? node.Output
        : node.Marks.StorageLevel == StorageLevel.None ? OutputKind.Fused
        : OutputKind.Persisted;
}
