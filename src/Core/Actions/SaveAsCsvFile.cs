using MicroSpark.Actions;
using MicroSpark.Files;
using MicroSpark.Formats.Csv;
using MicroSpark.Plans;

namespace MicroSpark.Actions
{
    /// <summary>A partition as one CSV file.</summary>
    internal sealed class SaveCsvNode<T>(PlanNode<T> parent, SaveTarget target, CsvOptions options) : SaveNode<T>(parent, target)
    {
        private SaveCsvNode(PlanReader reader)
            : this(reader.Parent<T>(), ReadTarget(reader), reader.Value<CsvOptions>())
        {
        }

        public override string Operator => "SaveAsCsvFile";

        public override void WriteArguments(PlanWriter writer)
        {
            base.WriteArguments(writer);
            writer.Value(options);
        }

        protected override PartWriter<T> Open(Stream content, int partition, TaskScope scope) =>
            new CsvPartWriter<T>(content, partition, options);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Writes each partition as a CSV file <c>part-00000.csv</c>, ... (UTF-8, with a header line by default) in a new directory, and
        /// <c>_SUCCESS</c> last. <c>CsvFile</c> reads the same elements back. Nothing half-written remains when the job fails or is
        /// cancelled.
        /// </summary>
        /// <param name="path">The directory to make, on a file system that all workers share.</param>
        /// <param name="options">Delimiter, header, null, culture and compression; RFC 4180 with a header when null.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentException">The element type has a member that is no single field.</exception>
        /// <exception cref="IOException">The path exists; nothing was run.</exception>
        /// <exception cref="JobFailedException">A task failed for good, such as for a null element.</exception>
        public Task SaveAsCsvFileAsync(string path, CsvOptions? options = null, CancellationToken cancellationToken = default)
        {
            options ??= new CsvOptions();
            CsvDialect.CheckForSaving(options);
            _ = CsvUnbinder<T>.Unbinding;
            return SaveAsync(
                nameof(SaveAsCsvFileAsync), path, ".csv", options.Compression, target =>
                    new SaveCsvNode<T>(Node, target, options), cancellationToken);
        }
    }
}
