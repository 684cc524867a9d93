using MicroSpark.Plans;

namespace MicroSpark.Stages;

/// <summary>The pipelines of the stage compiler.</summary>
internal sealed class Pipelines : IPipelines
{
    public static Pipelines Instance { get; } = new();

    public IPipeline<T> Of<T>(PlanNode<T> node, int partition, TaskScope scope) => Pipeline<T>.Of(node, partition, scope);
}
