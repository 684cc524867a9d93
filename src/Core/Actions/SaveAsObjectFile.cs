using MicroSpark.Actions;
using MicroSpark.Codecs;
using MicroSpark.Files;
using MicroSpark.Plans;

namespace MicroSpark.Actions
{
    /// <summary>A partition as one object file.</summary>
    internal sealed class SaveObjectNode<T>(PlanNode<T> parent, SaveTarget target) : SaveNode<T>(parent, target)
    {
        private SaveObjectNode(PlanReader reader)
            : this(reader.Parent<T>(), ReadTarget(reader))
        {
        }

        public override string Operator => "SaveAsObjectFile";

        protected override PartWriter<T> Open(Stream content, int partition, TaskScope scope) =>
            new ObjectPartWriter<T>(content, partition, scope.Code);
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Writes each partition as a file <c>part-00000</c>, ... of encoded elements in a new directory, and <c>_SUCCESS</c> last;
        /// <c>context.ObjectFile&lt;T&gt;(path)</c> reads them. Nothing half-written remains when the job fails or is cancelled.
        /// </summary>
        /// <remarks>
        /// For data between programs of one build. The reader's type must have the same fields. An element may be of a class that its
        /// declared type does not name; then the assembly must be the same too.
        /// </remarks>
        /// <param name="path">The directory to make, on a file system that all workers share.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentException">Elements of this type cannot travel.</exception>
        /// <exception cref="IOException">The path exists; nothing was run.</exception>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task SaveAsObjectFileAsync(string path, CancellationToken cancellationToken = default)
        {
            try
            {
                ValueCodec.EnsureEncodable(typeof(T));
            }
            catch (NotEncodableException e)
            {
                throw new ArgumentException($"The elements cannot be saved as objects: {e.Message}", e);
            }

            return SaveAsync(
                nameof(SaveAsObjectFileAsync), path, "", Compression.None, target =>
                    new SaveObjectNode<T>(Node, target), cancellationToken);
        }
    }
}
