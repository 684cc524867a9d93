using MicroSpark.Actions;
using MicroSpark.Files;
using MicroSpark.Formats.Parquet.Writing;
using MicroSpark.Plans;

namespace MicroSpark.Actions
{
    /// <summary>A partition as one Parquet file.</summary>
    internal sealed class SaveParquetNode<T>(PlanNode<T> parent, SaveTarget target) : SaveNode<T>(parent, target)
    {
        private SaveParquetNode(PlanReader reader)
            : this(reader.Parent<T>(), ReadTarget(reader))
        {
        }

        public override string Operator => "SaveAsParquetFile";

        protected override PartWriter<T> Open(Stream content, int partition, TaskScope scope) =>
            new ParquetPartWriter<T>(content, partition, scope.Cancellation);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Writes each partition as a Parquet file <c>part-00000.parquet</c>, ... in a new directory, and <c>_SUCCESS</c> last.
        /// <c>ParquetFile</c> reads the same elements back, as a partition for each row group of 131,072 rows. Nothing half-written remains
        /// when the job fails or is cancelled.
        /// </summary>
        /// <remarks>
        /// Lists, arrays, dictionaries, records, classes, structs and tuples inside an element are lists, maps and groups of columns.
        /// What Parquet has no type for is stored by these rules: enums and chars as strings, a DateTimeOffset as its UTC time, a
        /// TimeSpan as its ticks, a decimal with 18 digits behind the point. The kind of a DateTime is not stored. No value is rounded:
        /// one that its column cannot hold fails the job.
        /// </remarks>
        /// <param name="path">The directory to make, on a file system that all workers share.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentException">The element type has a member that no column can hold.</exception>
        /// <exception cref="IOException">The path exists; nothing was run.</exception>
        /// <exception cref="JobFailedException">A task failed for good, such as for a null element or too long a decimal.</exception>
        public Task SaveAsParquetFileAsync(string path, CancellationToken cancellationToken = default)
        {
            ParquetPartWriter<T>.Check();
            return SaveAsync(
                nameof(SaveAsParquetFileAsync), path, ".parquet", Compression.None, target =>
                    new SaveParquetNode<T>(Node, target), cancellationToken);
        }
    }
}
