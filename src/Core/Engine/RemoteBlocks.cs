using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>The elements of one bucket of the blocks that one other worker holds, partition by partition in ascending order.</summary>
internal sealed class RemoteBlocks<T>(BlockStream stream, RemotePart part, LocalBlocks inputs, bool shuffle) : IDisposable
{
    private readonly FrameDecoder<T> _frames = new(inputs.Code);
    private int _taken;
    private int _count;
    private bool _ended;

    /// <summary>
    /// The next run of a partition; false when it has no more. Partitions are asked for in ascending order; what is not asked for is lost.
    /// </summary>
    /// <exception cref="InputLostException">The worker is gone, or has dropped blocks.</exception>
    public bool Next(int partition, int limit, out ReadOnlySpan<T> run)
    {
        while (!_ended && (_taken == _count || part.Partitions[stream.Position] < partition))
        {
            ReadFrame();
        }

        if (_ended || part.Partitions[stream.Position] != partition)
        {
            run = default;
            return false;
        }

        run = _frames.Items.Slice(_taken, Math.Min(limit, _count - _taken));
        _taken += run.Length;
        return true;
    }

    public void Dispose() => stream.Dispose();

    private void ReadFrame()
    {
        (_taken, _count) = (0, 0);
        try
        {
            if (stream.Next())
            {
                inputs.Counters.Read(shuffle, stream.Payload.Length);
                inputs.Counters.RemoteRead += stream.Payload.Length;
                _count = _frames.Take(stream.Header, stream.Payload).Length;
            }
            else
            {
                _ended = true;
            }
        }
        catch (BlocksMissingException e)
        {
            var missing = e.Partitions.ToHashSet();
            throw inputs.Broken(
                new InputLostException(e.Lineage, [.. part.List.Blocks.Where(b => missing.Contains(b.Partition))], e.Worker, e));
        }
        catch (WorkerUnreachableException e)
        {
            throw inputs.Broken(new InputLostException(part.List.Lineage, part.List.Blocks, e.Worker, e));
        }
        catch (Exception e)
        {
            inputs.Broken(e);
            throw;
        }
    }
}

/// <summary>One block that another worker holds.</summary>
internal sealed class RemoteReader<T>(RemoteBlocks<T> remote, int partition) : ChunkReader<T>
{
    public override bool Next(int limit, out ReadOnlySpan<T> run) => remote.Next(partition, limit, out run);

    public override void Dispose() => remote.Dispose();
}
