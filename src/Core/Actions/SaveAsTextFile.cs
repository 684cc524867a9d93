using MicroSpark.Actions;
using MicroSpark.Files;
using MicroSpark.Plans;

namespace MicroSpark.Actions
{
    /// <summary>A partition as one file of lines.</summary>
    internal sealed class SaveTextNode<T>(PlanNode<T> parent, SaveTarget target) : SaveNode<T>(parent, target)
    {
        private SaveTextNode(PlanReader reader)
            : this(reader.Parent<T>(), ReadTarget(reader))
        {
        }

        public override string Operator => "SaveAsTextFile";

        protected override PartWriter<T> Open(Stream content, int partition, TaskScope scope) => new TextPartWriter<T>(content, partition);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Writes each partition as a file <c>part-00000</c>, ... of lines (UTF-8; each element's text in the invariant culture) in a new
        /// directory, and <c>_SUCCESS</c> last. Nothing half-written remains when the job fails or is cancelled.
        /// </summary>
        /// <param name="path">The directory to make, on a file system that all workers share.</param>
        /// <param name="compression">How the files are compressed; none by default.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="IOException">The path exists; nothing was run.</exception>
        /// <exception cref="JobFailedException">A task failed for good, such as for a null element.</exception>
        public Task SaveAsTextFileAsync(
            string path, Compression compression = Compression.None, CancellationToken cancellationToken = default) => SaveAsync(
            nameof(SaveAsTextFileAsync), path, "", compression, target => new SaveTextNode<T>(Node, target), cancellationToken);
    }
}
