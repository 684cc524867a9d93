using MicroSpark.Engine;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Engine;

/// <summary>Blocks of an engine of this process, encoded as for a reader elsewhere.</summary>
internal sealed class LocalStream(WorkerEngine engine, BlockRequest request) : BlockStream
{
    private readonly IEnumerator<(int Position, byte[] Frame)> _frames = FramesOf(engine, request).GetEnumerator();

    public override ValueTask<bool> NextAsync()
    {
        if (!_frames.MoveNext())
        {
            return new ValueTask<bool>(false);
        }

        var (position, frame) = _frames.Current;
        (Position, Header, Payload) = (position, FrameHeader.Read(frame), frame.AsMemory(Frame.HeaderLength));
        return new ValueTask<bool>(true);
    }

    public override void Dispose() => _frames.Dispose();

    private static IEnumerable<(int, byte[])> FramesOf(WorkerEngine engine, BlockRequest request)
    {
        for (var i = 0; i < request.Blocks.Count; i++)
        {
            var part = request.Blocks[i];
            if (!engine.Blocks.TryGet(new BlockId(request.Lineage, part.Partition, part.Attempt), out var block))
            {
                throw new BlocksMissingException(engine.Id, request.Lineage, [part.Partition]);
            }

            if (block is UnkeptBlock)
            {
                throw new BlockUnkeptException(engine.Id, request.Lineage);
            }

            foreach (var frame in block.Frames(request.Bucket, engine.Code))
            {
                yield return (i, frame.ToArray());
            }
        }
    }
}
