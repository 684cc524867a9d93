using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Storage;

/// <summary>
/// Keeps the elements of a result as the frames in which they will leave: in memory as long as the task is granted more, on disk from then
/// on. The fingerprint tells whether a result computed again has the same elements in the same order. It is taken of the elements' content
/// and not of the frames. Which objects elements share depends on the place of the task's input, and so do the ends of frames.
/// </summary>
internal sealed class ResultKeeper<T>(TaskMemory memory, CodeSpace code) : IDisposable
{
    private const int Smallest = 16;

    /// <summary>
    /// The most that waits, by its estimated size in memory, apart from a few elements. Encoded it is most likely a full frame.
    /// </summary>
    private const long MostWaiting = 4 * Frame.TargetBytes;

    private static readonly int s_full = Frame.ElementsOf<T>();

    private readonly FrameEncoder _encoder = new(code, clean: true);
    private readonly List<byte[]> _frames = [];
    private readonly List<FileRange> _ranges = [];
    private SpillFile? _file;
    private T[] _items = [];
    private int _buffered;
    private int _limit;
    private long _count;
    private long _held;
    private ulong _fingerprint;

    public void Add(T item)
    {
        if (_buffered == _limit)
        {
            MakeRoom();
        }

        _items[_buffered++] = item;
    }

    public void Add(ReadOnlySpan<T> items)
    {
        // Whole frames are made from where the elements lie.
        while (_buffered == 0 && items.Length >= s_full)
        {
            items = items[KeepFrame(items, isLast: false)..];
        }

        while (!items.IsEmpty)
        {
            if (_buffered == _limit)
            {
                MakeRoom();
            }

            var part = items[..Math.Min(items.Length, _limit - _buffered)];
            part.CopyTo(_items.AsSpan(_buffered));
            _buffered += part.Length;
            items = items[part.Length..];
        }
    }

    public ElementBlock<T> Complete()
    {
        for (var at = 0; at < _buffered;)
        {
            at += KeepFrame(_items.AsSpan(at, _buffered - at), isLast: true);
        }

        return _file is null
            ? new EncodedBlock<T>(_frames, _count, _fingerprint, code)
            : new DiskBlock<T>(memory.Keep(_file), [new SpilledSequence(_ranges.ToArray(), _count, _file.Length)], _fingerprint);
    }

    public void Dispose() => _encoder.Dispose();

    /// <summary>Writes frames that are at hand as one sequence.</summary>
    public static SpilledSequence Write(IReadOnlyList<byte[]> frames, long count, SpillFile file)
    {
        var ranges = new List<FileRange>();
        foreach (var frame in frames)
        {
            Note(ranges, file.WriteEncoded(frame));
        }

        return new SpilledSequence(ranges.ToArray(), count, file.Length);
    }

    private static void Note(List<FileRange> ranges, FileRange range)
    {
        if (ranges.Count > 0 && ranges[^1] is var last && last.Offset + last.Length == range.Offset)
        {
            ranges[^1] = new FileRange(last.Offset, last.Length + range.Length);
        }
        else
        {
            ranges.Add(range);
        }
    }

    private void MakeRoom()
    {
        var waiting = _items.AsSpan(0, _buffered);
        var kept = _buffered == s_full || Sizes.Estimate<T>(waiting) >= MostWaiting ? KeepFrame(waiting, isLast: false) : 0;
        if (kept > 0)
        {
            waiting[kept..].CopyTo(waiting);
            _buffered -= kept;
            waiting[_buffered..].Clear();
        }

        // Doubles from frame to frame anew: after small elements there may come large ones.
        _limit = Math.Min(Math.Max(Smallest, _buffered * 2), s_full);
        if (_items.Length < _limit)
        {
            Array.Resize(ref _items, _limit);
        }
    }

    /// <returns>How many elements went into it; 0 when they do not fill one, and more may come.</returns>
    private int KeepFrame(ReadOnlySpan<T> items, bool isLast)
    {
        var kept = _encoder.Write(items);
        var frame = _encoder.Written;
        if (!isLast && kept < s_full && frame.Length < Frame.TargetBytes)
        {
            return 0;
        }

        _count += kept;
        _fingerprint = _encoder.AddContent(_fingerprint);
        if (_file is null && memory.TryGrow(frame.Length))
        {
            _held += frame.Length;
            _frames.Add(frame.ToArray());
            return kept;
        }

        if (_file is null)
        {
            _file = memory.NewFile();
            _ranges.AddRange(Write(_frames, 0, _file).Ranges.Span);
            _frames.Clear();
            memory.Shrink(_held);
            _held = 0;
        }

        Note(_ranges, _file.WriteEncoded(frame));
        return kept;
    }
}

/// <summary>Hands a loop's elements to a <see cref="ResultKeeper{T}"/>.</summary>
internal readonly struct FrameSink<T>(ResultKeeper<T> keeper) : IRunSink<T>
{
    public bool Add(T item)
    {
        keeper.Add(item);
        return true;
    }

    public void AddRun(ReadOnlySpan<T> run) => keeper.Add(run);

    public void AddLasting(ReadOnlyMemory<T> run) => keeper.Add(run.Span);
}
