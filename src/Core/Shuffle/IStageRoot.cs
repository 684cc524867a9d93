using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>A node that ends a stage: its task leaves a block.</summary>
internal interface IStageRoot
{
    Block Run(int partition, TaskScope scope);
}
