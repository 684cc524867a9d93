using MicroSpark.Actions;
using MicroSpark.Files;
using MicroSpark.Formats.Json;
using MicroSpark.Plans;

namespace MicroSpark.Actions
{
    /// <summary>A partition as one file of JSON values, a line each.</summary>
    internal sealed class SaveJsonNode<T>(PlanNode<T> parent, SaveTarget target) : SaveNode<T>(parent, target)
    {
        private SaveJsonNode(PlanReader reader)
            : this(reader.Parent<T>(), ReadTarget(reader))
        {
        }

        public override string Operator => "SaveAsJsonFile";

        protected override PartWriter<T> Open(Stream content, int partition, TaskScope scope) => new JsonPartWriter<T>(content, partition);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Writes each partition as a file <c>part-00000.json</c>, ... of JSON values, one a line, in a new directory, and <c>_SUCCESS</c>
        /// last. <c>JsonFile</c> reads the same elements back. Nothing half-written remains when the job fails or is cancelled.
        /// </summary>
        /// <remarks>System.Text.Json with public fields included, enums by name, NaN and the infinities as strings.</remarks>
        /// <param name="path">The directory to make, on a file system that all workers share.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentException">System.Text.Json cannot handle the element type.</exception>
        /// <exception cref="IOException">The path exists; nothing was run.</exception>
        /// <exception cref="JobFailedException">A task failed for good, such as for a null element.</exception>
        public Task SaveAsJsonFileAsync(string path, CancellationToken cancellationToken = default) =>
            SaveAsJsonFileAsync(path, new JsonFileOptions(), cancellationToken);

        /// <inheritdoc cref="SaveAsJsonFileAsync(string, CancellationToken)" />
        /// <param name="path">The directory to make, on a file system that all workers share.</param>
        /// <param name="options">How the files are compressed.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        public Task SaveAsJsonFileAsync(string path, JsonFileOptions options, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(options);
            _ = JsonBinding<T>.Info;
            return SaveAsync(
                nameof(SaveAsJsonFileAsync), path, ".json", options.Compression, target =>
                    new SaveJsonNode<T>(Node, target), cancellationToken);
        }
    }
}
