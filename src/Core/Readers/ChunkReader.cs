using System.Runtime.ExceptionServices;
using MicroSpark.Stopping;

namespace MicroSpark.Readers;

/// <summary>
/// The head of a fused chain: a partition's elements in runs. One virtual call per run, none per element. Read by one thread.
/// </summary>
internal abstract class ChunkReader<T> : IDisposable
{
    /// <summary>
    /// The next run, never empty; false at the end. The span is valid until the next call. A reader over user code hands out at
    /// most what it was asked for (<paramref name="limit"/>), so that nothing is pulled that nobody wants.
    /// </summary>
    public abstract bool Next(int limit, out ReadOnlySpan<T> run);

    /// <summary>Whether <see cref="NextLasting"/> gives all there is.</summary>
    public virtual bool IsLasting => false;

    /// <summary>
    /// The next run, when its memory stays as it is even after the reader is gone. For callers that keep the elements anyway. False when
    /// the run must be read by <see cref="Next"/>, or there is none.
    /// </summary>
    public virtual bool NextLasting(out ReadOnlyMemory<T> run)
    {
        run = default;
        return false;
    }

    public virtual void Dispose()
    {
    }
}

/// <summary>Numbers Start, Start + Step, ... The stage compiler turns it into plain arithmetic.</summary>
internal sealed class RangeReader(long start, long step, long count) : ChunkReader<long>
{
    private readonly long[] _buffer = new long[(int)Math.Min(count, 1024)];
    private long _next;

    public long Start { get; } = start;

    public long Step { get; } = step;

    public long Count { get; } = count;

    public override bool Next(int limit, out ReadOnlySpan<long> run)
    {
        var length = (int)Math.Min(Math.Min(limit, _buffer.Length), Count - _next);
        for (var i = 0; i < length; i++)
        {
            _buffer[i] = unchecked(Start + ((_next + i) * Step));
        }

        _next += length;
        run = _buffer.AsSpan(0, length);
        return length > 0;
    }
}

/// <summary>Runs that are in memory already: an array's slice, cached chunks, a shuffle block's bucket.</summary>
internal sealed class MemoryReader<T>(IEnumerable<ReadOnlyMemory<T>> chunks) : ChunkReader<T>
{
    private readonly IEnumerator<ReadOnlyMemory<T>> _chunks = chunks.GetEnumerator();
    private ReadOnlyMemory<T> _rest;

    public MemoryReader(ReadOnlyMemory<T> chunk)
        : this([chunk])
    {
    }

    public override bool IsLasting => true;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        while (_rest.IsEmpty)
        {
            if (!_chunks.MoveNext())
            {
                run = default;
                return false;
            }

            _rest = _chunks.Current;
        }

        var length = Math.Min(limit, _rest.Length);
        run = _rest.Span[..length];
        _rest = _rest[length..];
        return true;
    }

    public override bool NextLasting(out ReadOnlyMemory<T> run)
    {
        while (_rest.IsEmpty && _chunks.MoveNext())
        {
            _rest = _chunks.Current;
        }

        (run, _rest) = (_rest, default);
        return !run.IsEmpty;
    }

    public override void Dispose() => _chunks.Dispose();
}

/// <summary>
/// A sequence. Pulled in runs that grow from one element, so that a consumer that stops early has pulled little ahead.
/// </summary>
/// <param name="isUserCode">Whether the sequence is a user's iterator.</param>
internal sealed class EnumerableReader<T>(IEnumerable<T> items, bool isUserCode = false) : ChunkReader<T>
{
    private const int LongestRun = 256;
    private readonly IEnumerator<T> _items = items.GetEnumerator();
    private T[] _buffer = new T[1];
    private bool _ended;
    private ExceptionDispatchInfo? _failure;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        _failure?.Throw();
        var count = 0;
        var length = Math.Min(limit, _buffer.Length);
        var task = TaskProgress.Current;
        try
        {
            using var section = isUserCode ? task.User() : task.Engine();
            while (!_ended && count < length)
            {
                task.ThrowIfStopped();
                if (!_items.MoveNext())
                {
                    _ended = true;
                    break;
                }

                _buffer[count++] = _items.Current;
            }
        }
        catch (Exception e) when (count > 0 && !task.Stopped)
        {
            // What came before the failure belongs to the consumer: it may be satisfied by it. The next call throws.
            _failure = ExceptionDispatchInfo.Capture(e);
        }

        var filled = _buffer;
        if (count == _buffer.Length && count < LongestRun)
        {
            _buffer = new T[count * 4];
        }

        run = filled.AsSpan(0, count);
        return count > 0;
    }

    public override void Dispose() => _items.Dispose();
}

/// <summary>Several readers, one after the other; each is opened when it is reached.</summary>
internal sealed class ConcatReader<T>(IEnumerable<ChunkReader<T>> readers) : ChunkReader<T>
{
    private readonly IEnumerator<ChunkReader<T>> _readers = readers.GetEnumerator();
    private ChunkReader<T>? _current;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        while (true)
        {
            if (_current is not null && _current.Next(limit, out run))
            {
                return true;
            }

            _current?.Dispose();
            _current = null;
            if (!_readers.MoveNext())
            {
                run = default;
                return false;
            }

            _current = _readers.Current;
        }
    }

    public override void Dispose()
    {
        _current?.Dispose();
        _readers.Dispose();
    }
}
