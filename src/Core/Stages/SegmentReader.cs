using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <summary>A fused chain read in runs: each run of the head goes through the compiled loop into a buffer.</summary>
internal sealed class SegmentReader<T>(Pipeline<T> pipeline, IOneRun head, LoopProgress progress) : ChunkReader<T>
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
