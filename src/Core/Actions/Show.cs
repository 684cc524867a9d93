using MicroSpark.Display;
using MicroSpark.Plans;

namespace MicroSpark;

public partial class Rdd<T>
{
    /// <summary>
    /// Prints the first elements as a table: a column for each field of a tuple or property of a record, one column for anything else. A
    /// tuple's columns are called as the lambda that made it calls them, and a pair's <c>Key</c> and <c>Value</c>. Long cells are cut.
    /// </summary>
    /// <param name="rows">How many elements at most, 1 or more.</param>
    /// <param name="output">Where to; standard output when null.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <exception cref="JobFailedException">A task failed for good.</exception>
    public async Task ShowAsync(int rows = 20, TextWriter? output = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        var first = await TakeAsync(rows == int.MaxValue ? rows : rows + 1, cancellationToken).ConfigureAwait(false);
        var columns = Columns.Of(typeof(T), TupleNames());
        var table = new TextTable(columns.Names);
        foreach (var item in first.AsSpan(0, Math.Min(rows, first.Length)))
        {
            table.Add(columns.Of(item));
        }

        output ??= Console.Out;
        table.Write(output, TextTable.WidthOf(output));
        if (first.Length > rows)
        {
            await output.WriteLineAsync($"only the first {rows} are shown").ConfigureAwait(false);
        }
    }

    /// <summary>What the members of the elements are called; null when no operator has named them.</summary>
    private IReadOnlyList<string?>? TupleNames()
    {
        for (PlanNode? node = Node; node is not null; node = node.SameElements)
        {
            if (node.ElementNames is { } names)
            {
                return names;
            }
        }

        return null;
    }
}
