using MicroSpark.Codecs;
using MicroSpark.Tasks;

namespace MicroSpark;

/// <summary>
/// What tasks add to and only the program reads: a counter, a sum, a set of examples. Derive from it, register an instance with
/// <c>context.Register(accumulator)</c>, capture it in lambdas and call <see cref="Add"/> there; read <see cref="Value"/> after the action.
/// </summary>
/// <remarks>
/// Each task starts from an empty copy. The content of the copies travels with the tasks' outcomes. It is merged when the action ends, in
/// the order of the partitions. In an action each partition counts exactly once, however often its task was tried. In a transformation
/// before a shuffle or a persisted RDD it counts when that is computed, and again when it is computed again later on. All fields travel
/// unless they are marked <c>[NonSerialized]</c>; one task may add up to 4 MB.
/// </remarks>
/// <typeparam name="TIn">What is added.</typeparam>
/// <typeparam name="TOut">What is read.</typeparam>
public abstract class Accumulator<TIn, TOut> : IAccumulator
{
    [NonSerialized]
    private AccumulatorTag? _tag;

    /// <summary>The name given when it was registered.</summary>
    public string? Name => _tag?.Name;

    /// <summary>What was added so far. For the program; a task sees at most what it added itself.</summary>
    public abstract TOut Value { get; }

    /// <summary>Whether nothing was added. True of a copy that was reset.</summary>
    public abstract bool IsZero { get; }

    AccumulatorTag? IAccumulator.Tag
    {
        get => _tag;
        set => _tag = value;
    }

    private protected bool IsInTask => _tag is { InTask: true };

    /// <summary>Adds one item.</summary>
    public abstract void Add(TIn item);

    /// <summary>Adds all that <paramref name="other"/> holds, an accumulator of the same class.</summary>
    public abstract void Merge(Accumulator<TIn, TOut> other);

    /// <summary>Another accumulator with the same content, which changes on its own.</summary>
    public abstract Accumulator<TIn, TOut> Copy();

    /// <summary>Forgets all that was added.</summary>
    public abstract void Reset();

    /// <inheritdoc />
    public override string ToString() => $"{GetType().Name}{(Name is { } name ? $" '{name}'" : "")}{(IsInTask ? "" : $": {Value}")}";

    void IShippable.OnCapture(CaptureContext context)
    {
        if (_tag is null)
        {
            throw CaptureContext.Refuse(this, "it was never registered. Call context.Register(accumulator) before it is used in a lambda.");
        }

        context.Counts = true;
    }

    IAccumulator IAccumulator.Empty()
    {
        var copy = Copy();
        copy.Reset();
        return copy.GetType() == GetType() && copy.IsZero
            ? copy
            : throw CaptureContext.Refuse(
                this, $"Copy() followed by Reset() gave a {copy.GetType().Name} whose IsZero is {copy.IsZero}; expected an empty "
                    + $"{GetType().Name}. Correct the three methods.");
    }

    void IAccumulator.MergeUpdate(IAccumulator update) => Merge((Accumulator<TIn, TOut>)update);

    /// <summary>For the properties that only the program may read.</summary>
    private protected void EnsureReadable()
    {
        if (IsInTask)
        {
            throw new InvalidOperationException(
                $"Inside a task the accumulator{(Name is { } name ? $" '{name}'" : "")} can be added to, not read: what other tasks add "
                + $"is not there. Read it in the program "
                + "after the action.");
        }
    }

    /// <summary>For <see cref="Merge"/>: the other one as what it has to be.</summary>
    private protected static TOther Same<TOther>(Accumulator<TIn, TOut> other)
        where TOther : Accumulator<TIn, TOut>
    {
        ArgumentNullException.ThrowIfNull(other);
        return other as TOther ?? throw new ArgumentException(
            $"A {typeof(TOther).Name} merges with its like, not with a {other.GetType().Name}.", nameof(other));
    }
}
