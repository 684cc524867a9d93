using MicroSpark.Closures;
using MicroSpark.Plans;

namespace MicroSpark.Shuffle;

/// <summary>The functions of an aggregation by key. Without <see cref="Create"/> a key's first value starts it (V is C).</summary>
internal sealed record Aggregation<K, V, C>(
    string Operator, Closure<Func<V, C>>? Create, Closure<Func<C, V, C>> Add, Closure<Func<C, C, C>> Merge)
{
    public bool HasStableIdentity => (Create?.HasStableIdentity ?? true) && Add.HasStableIdentity && Merge.HasStableIdentity;

    public void Write(PlanWriter writer)
    {
        writer.Text(Operator);
        writer.Boolean(Create is not null);
        if (Create is not null)
        {
            writer.Closure(Create);
        }

        writer.Closure(Add);
        writer.Closure(Merge);
    }

    public static Aggregation<K, V, C> Read(PlanReader reader) => new(
        reader.Text(), reader.Boolean() ? reader.Closure<Func<V, C>>() : null, reader.Closure<Func<C, V, C>>(),
        reader.Closure<Func<C, C, C>>());

    /// <summary>One task's own copies of the functions that take a value.</summary>
    public TaskCombining<K, V, C> OfTask(PlanNode<(K Key, V Value)> owner, TaskScope scope) =>
        new(owner, scope, Create?.CreateInstance(), Add.CreateInstance());
}
