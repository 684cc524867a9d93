using MicroSpark.Actions;
using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Actions
{
    /// <summary>Writes a partition as one file of lines, aside first, then under its name unless another attempt was first.</summary>
    internal sealed class SaveTextNode<T>(PlanNode<T> parent, SaveTarget target) : ActionNode<T, long>(parent)
    {
        private SaveTextNode(PlanReader reader)
            : this(reader.Parent<T>(), new SaveTarget(reader.Text()!, JobId.Parse(reader.Text()!), (Compression)reader.Int32()))
        {
        }

        public override string Operator => "SaveAsTextFile";

        public override bool SideEffects => true;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(target.Path);
            writer.Text(target.Job.ToString());
            writer.Int32((int)target.Compression);
        }

        protected override long Compute(Pipeline<T> input, int partition, TaskScope scope)
        {
            using var file = new TextPartWriter(target, partition, scope.Task.Attempt);
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
        /// Writes each partition as a file <c>part-00000</c>, ... of lines (UTF-8; each element's text in the invariant culture) in a new
        /// directory, and <c>_SUCCESS</c> last. Nothing half-written remains when the job fails or is cancelled.
        /// </summary>
        /// <param name="path">The directory to make, on a file system that all workers share.</param>
        /// <param name="compression">How the files are compressed; none by default.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="IOException">The path exists; nothing was run.</exception>
        /// <exception cref="JobFailedException">A task failed for good, such as for a null element.</exception>
        public Task SaveAsTextFileAsync(string path, Compression compression = Compression.None, CancellationToken cancellationToken = default) => SaveAsync(
            nameof(SaveAsTextFileAsync), path, "", compression, target => new SaveTextNode<T>(Node, target), cancellationToken);
    }
}
