namespace MicroSpark;

/// <summary>Sums whole numbers and counts them; <c>accumulator += 1</c> adds too. The sum wraps around as <c>long</c> does.</summary>
public sealed class LongAccumulator : Accumulator<long, long>
{
    private long _sum;
    private long _count;

    /// <summary>The sum.</summary>
    /// <exception cref="InvalidOperationException">Read inside a task.</exception>
    public override long Value => Sum;

    /// <summary>The sum.</summary>
    /// <exception cref="InvalidOperationException">Read inside a task.</exception>
    public long Sum
    {
        get
        {
            EnsureReadable();
            return _sum;
        }
    }

    /// <summary>How many numbers were added.</summary>
    /// <exception cref="InvalidOperationException">Read inside a task.</exception>
    public long Count
    {
        get
        {
            EnsureReadable();
            return _count;
        }
    }

    /// <summary>The sum divided by the count; NaN when nothing was added.</summary>
    /// <exception cref="InvalidOperationException">Read inside a task.</exception>
    public double Average
    {
        get
        {
            EnsureReadable();
            return (double)_sum / _count;
        }
    }

    /// <inheritdoc />
    public override bool IsZero => _count == 0;

    /// <summary>Adds a number.</summary>
    public void operator +=(long item) => Add(item);

    /// <inheritdoc />
    public override void Add(long item)
    {
        _sum += item;
        _count++;
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">It is no <see cref="LongAccumulator"/>.</exception>
    public override void Merge(Accumulator<long, long> other)
    {
        var same = Same<LongAccumulator>(other);
        _sum += same._sum;
        _count += same._count;
    }

    /// <inheritdoc />
    public override LongAccumulator Copy() => new() { _sum = _sum, _count = _count };

    /// <inheritdoc />
    public override void Reset() => (_sum, _count) = (0, 0);
}
