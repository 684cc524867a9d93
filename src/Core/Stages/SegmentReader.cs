using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <summary>A fused chain read in runs: each run of the head goes through the compiled loop into a buffer.</summary>
internal sealed class SegmentReader<T>(Pipeline<T> pipeline, IOneRun head, TaskProgress progress) : ChunkReader<T>
{
    private BufferSink<T> _sink = new() { Items = [] };

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        do
        {
            _sink.Count = 0;
            head.Arm();
            try
            {
                pipeline.DriveFused(ref _sink, head, progress);
            }
            catch (Exception e) when (pipeline.NoteFailure(e, progress))
            {
                throw;
            }

            progress.Base += head.LastRun;
        }
        while (_sink.Count == 0 && !head.Ended);

        run = _sink.Items.AsSpan(0, _sink.Count);
        return _sink.Count > 0;
    }

    public override void Dispose() => head.Dispose();
}

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
