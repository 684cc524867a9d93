using System.Runtime.CompilerServices;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Storage;

/// <summary>
/// Keeps a persisted partition while it is computed, in the form of its level: as objects or encoded. It stays in memory as long as the
/// task is granted more. From then on it goes to disk, where its level allows that; else it is only counted: see
/// <see cref="UnkeptBlock"/>.
/// </summary>
internal sealed class PartitionKeeper<T>(StorageLevel level, TaskMemory memory, CodeSpace code) : IDisposable
{
    /// <summary>Chunks of one size, so that the room of one serves the next.</summary>
    private static readonly int s_chunk = Math.Max(1, (256 << 10) / Unsafe.SizeOf<T>());

    /// <summary>Elements of so many bytes are a chunk, however few they are: what has not been asked for is not counted.</summary>
    private const long ChunkBytes = 1 << 20;

    private readonly List<ReadOnlyMemory<T>> _chunks = [];
    private readonly List<byte[]> _frames = [];
    private readonly FrameEncoder _encoder = new(code);
    private SpillFile? _file;
    private SpillWriter<T>? _writer;
    private bool _unkept;
    private long _bytes;
    private long _count;

    /// <summary>Takes a full array; gives the next one to fill.</summary>
    public T[] Take(T[] items)
    {
        if (items.Length < s_chunk && Sizes.Estimate<T>(items) < ChunkBytes)
        {
            Array.Resize(ref items, Math.Clamp(items.Length * 4, Math.Min(16, s_chunk), s_chunk));
            return items;
        }

        return Keep(items, 0) ? new T[items.Length] : items;
    }

    /// <summary>Takes elements in memory that stays as it is: as objects they are kept where they lie.</summary>
    public void TakeLasting(ReadOnlyMemory<T> run) => Keep(run, 0);

    /// <summary>Takes the elements of an array that is not full; it is not filled any more.</summary>
    public void TakePart(T[] items, int count)
    {
        if (count > 0)
        {
            Keep(items.AsMemory(0, count), items.Length - count);
        }
    }

    /// <param name="items">The last elements.</param>
    public Block Complete(T[] items, int count)
    {
        TakePart(items, count);
        if (_unkept)
        {
            return new UnkeptBlock(_count, (ulong)_count);
        }

        if (!level.UseMemory)
        {
            ToDisk();
        }

        if (_writer is not null)
        {
            var spilled = _writer.Complete();
            return new DiskBlock<T>(memory.Keep(_file!), [spilled], (ulong)_count);
        }

        return level.Deserialized ? new PartitionBlock<T>(_chunks, _bytes) : new EncodedBlock<T>(_frames, _count, (ulong)_count, code);
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _writer?.Dispose();
    }

    /// <returns>Whether the array itself is kept.</returns>
    private bool Keep(ReadOnlyMemory<T> items, int unused)
    {
        _count += items.Length;
        if (_unkept)
        {
            return false;
        }

        if (_writer is null && level.UseMemory && (level.Deserialized ? KeepObjects(items, unused) : KeepEncoded(items.Span)))
        {
            return level.Deserialized;
        }

        if (!level.UseDisk)
        {
            _unkept = true;
            LetGo();
            return false;
        }

        ToDisk();
        _writer!.Add(items.Span);
        return false;
    }

    private bool KeepObjects(ReadOnlyMemory<T> items, int unused)
    {
        var bytes = Sizes.Estimate<T>(items.Span) + ((long)unused * Unsafe.SizeOf<T>());
        if (!memory.TryGrow(bytes))
        {
            return false;
        }

        _bytes += bytes;
        _chunks.Add(items);
        return true;
    }

    private bool KeepEncoded(ReadOnlySpan<T> items)
    {
        var first = _frames.Count;
        long bytes = 0;
        for (; !items.IsEmpty; bytes += _encoder.Written.Length)
        {
            items = items[_encoder.Write(items)..];
            _frames.Add(_encoder.Written.ToArray());
        }

        if (memory.TryGrow(bytes))
        {
            _bytes += bytes;
            return true;
        }

        _frames.RemoveRange(first, _frames.Count - first);
        return false;
    }

    /// <summary>What is in memory so far goes to disk, and so does what comes.</summary>
    private void ToDisk()
    {
        if (_writer is not null)
        {
            return;
        }

        _file = memory.NewFile();
        _writer = _file.Append<T>();
        foreach (var chunk in _chunks)
        {
            _writer.Add(chunk.Span);
        }

        using var encoded = new FrameSequenceReader<T>(_frames.Select(static f => Frame.Of(f)), code);
        while (encoded.Next(int.MaxValue, out var run))
        {
            _writer.Add(run);
        }

        LetGo();
    }

    /// <summary>Nothing of it is in memory any more.</summary>
    private void LetGo()
    {
        _chunks.Clear();
        _frames.Clear();
        memory.Shrink(_bytes);
        _bytes = 0;
    }
}

/// <summary>Hands a loop's elements to a <see cref="PartitionKeeper{T}"/>.</summary>
internal struct KeepSink<T>(PartitionKeeper<T> keeper) : IRunSink<T>, ITakesAll
{
    private T[] _items = [];
    private int _count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(T item)
    {
        var items = _items;
        if ((uint)_count < (uint)items.Length)
        {
            items[_count++] = item;
            return true;
        }

        return AddToNext(item);
    }

    public void AddRun(ReadOnlySpan<T> run)
    {
        while (!run.IsEmpty)
        {
            if (_count == _items.Length)
            {
                Next();
            }

            var part = run[..Math.Min(run.Length, _items.Length - _count)];
            part.CopyTo(_items.AsSpan(_count));
            _count += part.Length;
            run = run[part.Length..];
        }
    }

    public void AddLasting(ReadOnlyMemory<T> run)
    {
        keeper.TakePart(_items, _count);
        (_items, _count) = ([], 0);
        keeper.TakeLasting(run);
    }

    public readonly Block Complete() => keeper.Complete(_items, _count);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AddToNext(T item)
    {
        Next();
        _items[_count++] = item;
        return true;
    }

    private void Next()
    {
        var resized = _items.Length;
        _items = keeper.Take(_items);
        _count = _items.Length > resized ? resized : 0;
    }
}
