namespace MicroSpark.Readers;

/// <summary>A reader that ends after each run until it is armed again. Erased, because a pipeline does not know its head's type.</summary>
internal interface IOneRun : IDisposable
{
    /// <summary>Whether the whole input has been read.</summary>
    bool Ended { get; }

    /// <summary>Elements of the last run.</summary>
    int LastRun { get; }

    void Arm();
}

/// <inheritdoc cref="IOneRun"/>
internal sealed class OneRunReader<T>(ChunkReader<T> inner) : ChunkReader<T>, IOneRun
{
    private const int RunLength = 1024;
    private bool _armed;

    public bool Ended { get; private set; }

    public int LastRun { get; private set; }

    public void Arm()
    {
        _armed = true;
        LastRun = 0;
    }

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        if (!_armed)
        {
            run = default;
            return false;
        }

        _armed = false;
        if (!inner.Next(Math.Min(limit, RunLength), out run))
        {
            Ended = true;
            return false;
        }

        LastRun = run.Length;
        return true;
    }

    public override void Dispose() => inner.Dispose();
}
