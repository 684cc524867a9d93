using MicroSpark.Actions;
using MicroSpark.Codecs;
using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Actions
{
    /// <summary>Writes a partition as one object file, aside first, then under its name unless another attempt was first.</summary>
    internal sealed class SaveObjectNode<T>(PlanNode<T> parent, SaveTarget target) : ActionNode<T, long>(parent)
    {
        private SaveObjectNode(PlanReader reader)
            : this(reader.Parent<T>(), new SaveTarget(reader.Text()!, JobId.Parse(reader.Text()!), Compression.None))
        {
        }

        public override string Operator => "SaveAsObjectFile";

        public override bool SideEffects => true;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(target.Path);
            writer.Text(target.Job.ToString());
        }

        protected override long Compute(Pipeline<T> input, int partition, TaskScope scope)
        {
            using var file = new ObjectPartWriter<T>(target, partition, scope.Task.Attempt, scope.Code);
            using var reader = input.AsReader();
            while (reader.Next(1024, out var run))
            {
                scope.Cancellation.ThrowIfCancellationRequested();
                file.Write(run);
            }

            file.Commit();
            return file.Count;
        }
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
        /// For data between programs of one build: the type must have the same fields when it is read, and where an element is of a class that its
        /// declared type does not name, the same assembly.
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
                nameof(SaveAsObjectFileAsync), path, "", Compression.None, target => new SaveObjectNode<T>(Node, target), cancellationToken);
        }
    }
}
