using MicroSpark.Codecs;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.SharedVariables;

/// <summary>How the driver makes shared variables.</summary>
internal static class SharedVariable
{
    public static Broadcast<T> Broadcast<T>(JobRunner runner, T value)
    {
        runner.EnsureUsable();
        try
        {
            return new Broadcast<T>(BroadcastOwner.Of(runner, value), value);
        }
        catch (NotEncodableException e)
        {
            throw new ArgumentException($"The value cannot be broadcast: {e.Message}", nameof(value), e);
        }
    }

    public static TAccumulator Register<TAccumulator>(JobRunner runner, TAccumulator accumulator, string? name)
        where TAccumulator : IAccumulator
    {
        runner.EnsureUsable();
        AccumulatorTable.Register(accumulator, name);
        return accumulator;
    }
}
