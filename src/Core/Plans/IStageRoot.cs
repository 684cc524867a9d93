using MicroSpark.Storage;

namespace MicroSpark.Plans;

/// <summary>A node that ends a stage: its task leaves a block.</summary>
internal interface IStageRoot
{
    Block Run(int partition, TaskScope scope);
}
