using System.Collections.Concurrent;
using MicroSpark.Code;
using MicroSpark.Tasks;

namespace MicroSpark.SharedVariables;

/// <summary>The accumulators that this process registered, by id. It keeps none alive: what nobody can read need not be counted.</summary>
internal static class AccumulatorTable
{
    private const int SweepEvery = 256;

    private static readonly ConcurrentDictionary<Guid, WeakReference<IAccumulator>> s_registered = new();
    private static int s_registrations;

    /// <exception cref="InvalidOperationException">It is registered already.</exception>
    public static void Register(IAccumulator accumulator, string? name)
    {
        ArgumentNullException.ThrowIfNull(accumulator);
        var tag = new AccumulatorTag(Guid.NewGuid(), name, InTask: false);
        lock (accumulator)
        {
            if (accumulator.Tag is not null)
            {
                throw new InvalidOperationException(
                    $"The accumulator {accumulator} is registered already. Register each one once; make another instance for another "
                    + $"count.");
            }

            accumulator.Tag = tag;
        }

        s_registered[tag.Id] = new WeakReference<IAccumulator>(accumulator);
        if (Interlocked.Increment(ref s_registrations) % SweepEvery == 0)
        {
            foreach (var (id, reference) in s_registered)
            {
                if (!reference.TryGetTarget(out _))
                {
                    s_registered.TryRemove(id, out _);
                }
            }
        }
    }

    /// <summary>Merges what one task added, unless the accumulator is another process's or gone.</summary>
    public static void Merge(byte[] updates)
    {
        foreach (var (id, state) in AccumulatorUpdates.Decode(updates))
        {
            if (s_registered.TryGetValue(id, out var reference) && reference.TryGetTarget(out var accumulator))
            {
                var update = AccumulatorState.Decode(accumulator.GetType(), state.Span, CodeSpace.Process);
                lock (accumulator)
                {
                    accumulator.MergeUpdate(update);
                }
            }
        }
    }
}
