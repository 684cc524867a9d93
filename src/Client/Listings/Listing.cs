using System.Text.Json;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Listings;

/// <summary>Something of the cluster that can be listed: as a table, or as JSON.</summary>
/// <param name="Name">The command.</param>
internal sealed record Listing<T>(
    string Name, string Description, Func<MicroSparkContext, CancellationToken, Task<IReadOnlyList<T>>> Ask,
    string[] Columns, Func<T, string[]> Cells, Action<Utf8JsonWriter, T> WriteProperties)
{
    public async Task WriteTableAsync(MicroSparkContext spark, TextWriter output, CancellationToken cancellationToken) =>
        ListTable.Write(output, Columns, (await Ask(spark, cancellationToken)).Select(Cells));
}
