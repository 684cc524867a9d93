using MicroSpark.Actions;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Actions
{
    /// <summary>How many elements a partition has.</summary>
    internal sealed class CountNode<T>(PlanNode<T> parent) : ActionNode<T, long>(parent)
    {
        private CountNode(PlanReader reader)
            : this(reader.Parent<T>())
        {
        }

        public override string Operator => "Count";

        public override void WriteArguments(PlanWriter writer)
        {
        }

        protected override long Compute(IPipeline<T> input, int partition, TaskScope scope)
        {
            var sink = default(CountSink<T>);
            input.DriveRuns(ref sink);
            return sink.Count;
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>How many elements there are; 0 for an empty RDD.</summary>
        /// <exception cref="JobFailedException">A task failed for good.</exception>
        public Task<long> CountAsync(CancellationToken cancellationToken = default) =>
            ResultAsync(nameof(CountAsync), () => new CountNode<T>(Node), ActionFunctions.Sum, cancellationToken);
    }
}
