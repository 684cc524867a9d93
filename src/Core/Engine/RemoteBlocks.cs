using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>The elements of one bucket of the blocks that one other worker holds, partition by partition in ascending order.</summary>
/// <param name="memory">The task's: what is read ahead here counts there, as much as it really is. With a thousand silos most streams are
/// short.</param>
internal sealed class RemoteBlocks<T>(BlockStream stream, RemotePart part, LocalBlocks inputs, TaskMemory memory, bool shuffle)
    : IDisposable
{
    private readonly FrameDecoder<T> _frames = new(inputs.Code);
    private int _taken;
    private int _count;
    private long _held;
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

    /// <summary>Never refused: without its frame a task cannot go on at all.</summary>
    private void Hold(long bytes)
    {
        if (bytes > _held)
        {
            memory.Hold(bytes - _held);
        }
        else if (bytes < _held)
        {
            memory.Shrink(_held - bytes);
        }

        _held = bytes;
    }

    private void ReadFrame()
    {
        (_taken, _count) = (0, 0);
        try
        {
            if (stream.Next())
            {
                inputs.Counters.Read(shuffle, stream.Payload.Length, stream.Header.Count);
                inputs.Counters.RemoteRead += stream.Payload.Length;
                _count = _frames.Take(stream.Header, stream.Payload).Length;
                Hold(stream.Held + _frames.Held);
            }
            else
            {
                _ended = true;
                stream.Dispose();
                Hold(_frames.Held);
            }
        }
        catch (BlocksMissingException e)
        {
            var missing = e.Partitions.ToHashSet();
            throw inputs.Broken(
                new InputLostException(e.Lineage, [.. part.List.Blocks.Where(b => missing.Contains(b.Partition))], e.Worker, e));
        }
        catch (BlockUnkeptException)
        {
            throw;
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
internal sealed class RemoteReader<T>(RemoteBlocks<T> remote, int partition, Func<ChunkReader<T>> compute) : ChunkReader<T>
{
    private ChunkReader<T>? _computed;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        try
        {
            return _computed is null ? remote.Next(partition, limit, out run) : _computed.Next(limit, out run);
        }
        catch (BlockUnkeptException)
        {
            // Said before the first element, if at all.
            remote.Dispose();
            _computed = compute();
            return _computed.Next(limit, out run);
        }
    }

    public override void Dispose()
    {
        remote.Dispose();
        _computed?.Dispose();
    }
}
