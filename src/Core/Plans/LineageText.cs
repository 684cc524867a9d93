using System.Globalization;
using System.Text;

namespace MicroSpark.Plans;

/// <summary>
/// A recipe as text, as Spark's <c>toDebugString</c> draws it: a line for each operator, the last one first. Each shuffle begins a stage,
/// set further in, with its partition count. Walks with a loop. An operator drawn before is named and not drawn again, so a recipe that
/// uses a parent twice at each step stays readable.
/// </summary>
internal static class LineageText
{
    public static string Of(PlanNode root)
    {
        var text = new StringBuilder();
        var drawn = new HashSet<PlanNode>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<Line>();
        pending.Push(Line.Stage(root, ""));
        while (pending.TryPop(out var line))
        {
            var again = !drawn.Add(line.Node);
            if (text.Length > 0)
            {
                text.Append('\n');
            }

            text.Append(line.Lead).Append(Label(line.Node)).Append(again ? " (as above)" : "");
            if (!again)
            {
                PushParents(pending, line);
            }
        }

        return text.ToString();
    }

    private static void PushParents(Stack<Line> pending, Line line)
    {
        var parents = ParentsOf(line.Node);
        for (var i = parents.Length - 1; i >= 0; i--)
        {
            var (parent, wide) = parents[i];
            pending.Push(wide ? Line.Stage(parent, $"{line.Margin}+-") : new Line(parent, $"{line.Margin}|  ", line.Margin));
        }
    }

    /// <summary>The parents that a user declared: a shuffle's own nodes (its map side, a sort's sample) are passed over.</summary>
    public static (PlanNode Node, bool Wide)[] ParentsOf(PlanNode node)
    {
        var parents = new List<(PlanNode, bool)>();
        if (node.Effective != node)
        {
            return [];
        }

        foreach (var parent in node.Parents)
        {
            if (parent.Output == OutputKind.Shuffle)
            {
                parents.Add((parent.Parents[0], true));
            }
            else if (IsReduceSideOf(parent, node))
            {
                parents.AddRange(ParentsOf(parent));
            }
            else
            {
                parents.Add((parent, false));
            }
        }

        return [.. parents];
    }

    private static bool IsReduceSideOf(PlanNode parent, PlanNode node) =>
        parent.Operator == node.Operator && parent.Marks.Name is null && parent.Parents.Any(static p => p.Output == OutputKind.Shuffle);

    public static string Label(PlanNode node)
    {
        var name = node.Marks.Name is { } given ? $"\"{given}\" {node.Operator}" : node.Operator;
        var kept = node.Marks.StorageLevel == StorageLevel.None ? name : $"{name} [{node.Marks.StorageLevel}]";
        return node.Effective == node ? kept : $"{kept} (checkpointed)";
    }

    /// <param name="Lead">What stands before the operator.</param>
    /// <param name="Margin">What stands before the lines that belong to the same stage.</param>
    private readonly record struct Line(PlanNode Node, string Lead, string Margin)
    {
        public static Line Stage(PlanNode node, string before)
        {
            var count = string.Create(CultureInfo.InvariantCulture, $"({node.NumPartitions}) ");
            return new Line(node, before + count, Blank(before) + " ");
        }

        private static string Blank(string before) => new(' ', before.Length);
    }
}
