using MicroSpark.Code;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.SharedVariables;

/// <summary>What one task added to accumulators, encoded when it has succeeded.</summary>
internal static class AccumulatorUpdates
{
    /// <summary>What one task may send, in bytes: updates travel inside grain calls.</summary>
    public const int Largest = 4 << 20;

    /// <summary>Null when nothing was added.</summary>
    /// <exception cref="InvalidOperationException">It is more than may travel.</exception>
    public static byte[]? Encode(TaskAccumulators accumulators, CodeSpace space)
    {
        var updates = accumulators.Copies.Where(static copy => !copy.IsZero).ToList();
        if (updates.Count == 0)
        {
            return null;
        }

        var writer = new PlanWriter();
        writer.Int32(updates.Count);
        foreach (var copy in updates)
        {
            var state = AccumulatorState.Encode(copy, space, out _);
            if (state.Length + (long)writer.WrittenSpan.Length > Largest)
            {
                throw TooLarge(copy, state.Length + (long)writer.WrittenSpan.Length);
            }

            writer.Bytes(copy.Tag!.Id.ToByteArray());
            writer.Bytes(state);
        }

        return writer.WrittenSpan.ToArray();
    }

    public static IEnumerable<(Guid Id, ReadOnlyMemory<byte> State)> Decode(byte[] updates)
    {
        var reader = new PlanReader(updates, [], CodeSpace.Process);
        for (var count = reader.Count(2 * sizeof(int)); count > 0; count--)
        {
            yield return (reader.Guid(), reader.Bytes());
        }
    }

    public static InvalidOperationException TooLarge(IAccumulator accumulator, long bytes) => new(
        $"With the accumulator {accumulator} this task would send {bytes:N0} bytes or more beside its result; at most {Largest:N0} may "
        + $"travel. Add less (the first few, "
        + "a count), or make the items elements of an RDD and save or collect that.");
}
