using MicroSpark.Closures;
using MicroSpark.Tasks;

namespace MicroSpark.Actions;

/// <summary>A function over a partition that is called for what it does.</summary>
[EngineFunction]
internal sealed class PartitionAction<T>(Action<IEnumerable<T>> f)
{
    public bool Run(IEnumerable<T> items)
    {
        f(items);
        return true;
    }
}

/// <summary>An asynchronous function, awaited before the task goes on.</summary>
[EngineFunction]
internal sealed class AwaitedFunction<T>(Func<T, Task> f)
{
    public void Run(T item) => AwaitedCall.Run(f, item);
}

/// <inheritdoc cref="AwaitedFunction{T}" />
[EngineFunction]
internal sealed class AwaitedValueFunction<T>(Func<T, ValueTask> f)
{
    public void Run(T item) => AwaitedCall.Run(f, item);
}

/// <summary>An asynchronous function over a partition.</summary>
[EngineFunction]
internal sealed class AwaitedPartition<T>(Func<IEnumerable<T>, Task> f)
{
    public void Run(IEnumerable<T> items) => AwaitedCall.RunOver(f, items);
}

/// <inheritdoc cref="AwaitedPartition{T}" />
[EngineFunction]
internal sealed class AwaitedValuePartition<T>(Func<IEnumerable<T>, ValueTask> f)
{
    public void Run(IEnumerable<T> items) => AwaitedCall.RunOver(part => f(part).AsTask(), items);
}
