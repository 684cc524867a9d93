namespace MicroSpark;

/// <summary>Sums numbers and counts them; <c>accumulator += 1</c> adds too.</summary>
public sealed class DoubleAccumulator : Accumulator<double, double>
{
    private double _sum;
    private long _count;

    /// <summary>The sum.</summary>
    /// <exception cref="InvalidOperationException">Read inside a task.</exception>
    public override double Value => Sum;

    /// <summary>The sum.</summary>
    /// <exception cref="InvalidOperationException">Read inside a task.</exception>
    public double Sum
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
            return _sum / _count;
        }
    }

    /// <inheritdoc />
    public override bool IsZero => _count == 0;

    /// <summary>Adds a number.</summary>
    public void operator +=(double item) => Add(item);

    /// <inheritdoc />
    public override void Add(double item)
    {
        _sum += item;
        _count++;
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">It is no <see cref="DoubleAccumulator"/>.</exception>
    public override void Merge(Accumulator<double, double> other)
    {
        var same = Same<DoubleAccumulator>(other);
        _sum += same._sum;
        _count += same._count;
    }

    /// <inheritdoc />
    public override DoubleAccumulator Copy() => new() { _sum = _sum, _count = _count };

    /// <inheritdoc />
    public override void Reset() => (_sum, _count) = (0, 0);
}
