using MicroSpark.SharedVariables;

namespace MicroSpark;

public sealed partial class MicroSparkContext
{
    /// <summary>
    /// A read-only value for tasks: sent to each silo once, when a task first reads it, and shared by the silo's tasks. What they see is
    /// the value as it is now.
    /// </summary>
    /// <param name="value">Anything that can travel, up to 2 GB encoded; null too.</param>
    /// <exception cref="ArgumentException">The value cannot travel; the message says which part of it and the way out.</exception>
    public Broadcast<T> Broadcast<T>(T value) => SharedVariable.Broadcast(_runner, value);

    /// <summary>A sum of whole numbers that tasks add to.</summary>
    /// <param name="name">For messages.</param>
    public LongAccumulator LongAccumulator(string? name = null) => SharedVariable.Register(_runner, new LongAccumulator(), name);

    /// <summary>A sum of numbers that tasks add to.</summary>
    /// <param name="name">For messages.</param>
    public DoubleAccumulator DoubleAccumulator(string? name = null) => SharedVariable.Register(_runner, new DoubleAccumulator(), name);

    /// <summary>A list of items that tasks add to.</summary>
    /// <param name="name">For messages.</param>
    public CollectionAccumulator<T> CollectionAccumulator<T>(string? name = null) =>
        SharedVariable.Register(_runner, new CollectionAccumulator<T>(), name);

    /// <summary>Makes an accumulator of a program's own class ready to be captured by lambdas. Once for each instance.</summary>
    /// <param name="accumulator">Not registered before.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InvalidOperationException">It is registered already.</exception>
    public void Register<TIn, TOut>(Accumulator<TIn, TOut> accumulator, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(accumulator);
        SharedVariable.Register(_runner, accumulator, name);
    }
}
