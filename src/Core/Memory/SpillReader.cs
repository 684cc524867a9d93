namespace MicroSpark.Memory;

/// <summary>Streams a run from disk: holds one frame, or a few when they are small.</summary>
internal sealed class SpillReader<T>(SpillFile file, ReadOnlyMemory<FileRange> ranges) : FramedReader<T>(file.Code)
{
    private readonly RunFrames _source = new(file, ranges);

    public override void Dispose() => _source.Dispose();

    protected override bool NextFrame(out FrameBytes frame)
    {
        var any = _source.Next();
        frame = any ? _source.Current : default;
        return any;
    }
}
