using System.Globalization;
using System.Text;

namespace MicroSpark.Plans;

/// <summary>
/// A recipe as a Mermaid flowchart: a box for each operator, a thick arrow for each shuffle. Walks with a loop; a parent that is used twice
/// is one box.
/// </summary>
internal static class LineageDiagram
{
    public static string Of(PlanNode root)
    {
        var text = new StringBuilder("flowchart LR\n");
        var numbers = new Dictionary<PlanNode, int>(ReferenceEqualityComparer.Instance) { [root] = 0 };
        var arrows = new StringBuilder();
        var pending = new Queue<PlanNode>([root]);
        while (pending.TryDequeue(out var node))
        {
            text.Append(CultureInfo.InvariantCulture, $"    n{numbers[node]}[\"{Escaped(LineageText.Label(node))}")
                .Append(CultureInfo.InvariantCulture, $"<br/>{node.NumPartitions}\"]\n");
            foreach (var (parent, wide) in LineageText.ParentsOf(node))
            {
                if (!numbers.TryGetValue(parent, out var number))
                {
                    numbers.Add(parent, number = numbers.Count);
                    pending.Enqueue(parent);
                }

                arrows.Append(CultureInfo.InvariantCulture, $"    n{number} {(wide ? "==>" : "-->")} n{numbers[node]}\n");
            }
        }

        return text.Append(arrows).ToString();
    }

    /// <summary>A name is anybody's text: what Mermaid or HTML would read in it is written as a number.</summary>
    private static string Escaped(string label)
    {
        var text = new StringBuilder();
        foreach (var c in label)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is ' ' or '.' or '_' or '-' || c > '\x7f')
            {
                text.Append(c);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"#{(int)c};");
            }
        }

        return text.ToString();
    }
}
