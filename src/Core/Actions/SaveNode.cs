using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Actions;

/// <summary>Writes a partition as one file, aside first, then under its name unless another attempt was first.</summary>
internal abstract class SaveNode<T>(PlanNode<T> parent, SaveTarget target) : ActionNode<T, long>(parent)
{
    public sealed override bool SideEffects => true;

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(target.Path);
        writer.Text(target.Job.ToString());
        writer.Int32((int)target.Compression);
        writer.Text(target.Extension);
    }

    protected static SaveTarget ReadTarget(PlanReader reader) =>
        new(reader.Text(), JobId.Parse(reader.Text()), (Compression)reader.Int32(), reader.Text());

    protected sealed override long Compute(IPipeline<T> input, int partition, TaskScope scope)
    {
        using var file = new PartFile(target, partition, scope.Task.Attempt);
        var count = Write(input, file.Content, partition, scope);
        file.Commit();
        return count;
    }

    /// <summary>Writes all elements; how many they were.</summary>
    protected virtual long Write(IPipeline<T> input, Stream content, int partition, TaskScope scope)
    {
        using var writer = Open(content, partition, scope);
        using var reader = input.AsReader();
        while (reader.Next(1024, out var run))
        {
            scope.Progress.ThrowIfStopped();
            writer.Write(run);
            scope.Progress.Count(run.Length);
        }

        writer.Complete();
        return writer.Count;
    }

    protected abstract PartWriter<T> Open(Stream content, int partition, TaskScope scope);
}
