using MicroSpark.Code;
using MicroSpark.Readers;
using MicroSpark.Stopping;
using Microsoft.Win32.SafeHandles;

namespace MicroSpark.Memory;

/// <summary>
/// One file of frames in the spill folder. Sequences may be written at the same time: each frame goes to the file's end, so one of them
/// is a list of ranges. Written by one task; read by any thread once a sequence is complete. Deleted when disposed.
/// </summary>
/// <param name="quota">Of whose it is; null for who may have whatever there is.</param>
internal sealed class SpillFile(SpillFolder folder, CodeSpace space, OwnerQuota? quota = null) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FrameEncoder _frames = new(space);
    private SafeFileHandle? _handle;
    private string? _path;
    private long _length;
    private int _readers;
    private bool _complete;
    private bool _disposed;

    /// <summary>Bytes on disk.</summary>
    public long Length => Interlocked.Read(ref _length);

    public CodeSpace Code => space;

    /// <summary>Whether a write failed because its owner may have no more on disk.</summary>
    public bool IsOverQuota { get; private set; }

    /// <summary>Starts a sequence.</summary>
    public SpillWriter<T> Append<T>() => new(this);

    /// <summary>Writes elements that are at hand as one sequence.</summary>
    public SpilledSequence Write<T>(ReadOnlySpan<T> items)
    {
        using var writer = Append<T>();
        writer.Add(items);
        return writer.Complete();
    }

    /// <summary>Streams a sequence back, a frame at a time.</summary>
    public ChunkReader<T> Read<T>(SpilledSequence spilled) => Read<T>(spilled.Ranges);

    /// <inheritdoc cref="Read{T}(SpilledSequence)"/>
    public ChunkReader<T> Read<T>(ReadOnlyMemory<FileRange> ranges) => new SpillReader<T>(this, ranges);

    /// <summary>Frames as they lie in the file, for a reader elsewhere. Each is valid until the next one is asked for.</summary>
    public IEnumerable<Frame> ReadFrames(ReadOnlyMemory<FileRange> ranges)
    {
        using var frames = new SpillFrames(this, ranges);
        while (frames.Next())
        {
            yield return frames.Current;
        }
    }

    /// <summary>Writes a frame of as many of the first elements as one takes at the file's end.</summary>
    /// <returns>How many, and where they are.</returns>
    /// <exception cref="SpillException">The folder cannot take them.</exception>
    public (int Count, FileRange Range) WriteFrame<T>(ReadOnlySpan<T> items)
    {
        var count = _frames.Write(items);
        return (count, Write(_frames.Written.Span));
    }

    /// <summary>Writes a frame that is made already at the file's end.</summary>
    /// <exception cref="SpillException">The folder cannot take it.</exception>
    public FileRange WriteEncoded(ReadOnlyMemory<byte> frame) => Write(frame.Span);

    /// <exception cref="SpillException">The bytes are gone, or the disk fails.</exception>
    public void Read(long offset, Span<byte> bytes)
    {
        try
        {
            for (var read = 0; read < bytes.Length;)
            {
                var got = RandomAccess.Read(
                    _handle ?? throw new InvalidOperationException($"'{_path}' is read outside BeginReading and EndReading."),
                    bytes[read..], offset + read);
                read += got > 0 ? got : throw new EndOfStreamException(
                    $"'{_path}' ends at {offset + read}; {bytes.Length - read} bytes were expected there.");
            }
        }
        catch (IOException e)
        {
            throw folder.Unreadable(_path, e);
        }
    }

    /// <summary>Keeps the content readable, also when the file is disposed meanwhile, until <see cref="EndReading"/>.</summary>
    /// <exception cref="ObjectDisposedException">It is gone already.</exception>
    public void BeginReading()
    {
        using var section = TaskProgress.Current.Engine();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_path is not null)
            {
                _handle ??= folder.OpenFile(_path);
            }

            _readers++;
        }
    }

    public void EndReading()
    {
        using var section = TaskProgress.Current.Engine();
        lock (_gate)
        {
            _readers--;
            CloseUnused();
        }
    }

    /// <summary>Nothing more is written: what writing took is given back, and the file is open only while someone reads.</summary>
    public void EndWriting()
    {
        using var section = TaskProgress.Current.Engine();
        lock (_gate)
        {
            _complete = true;
            _frames.Dispose();
            CloseUnused();
        }
    }

    public void Dispose()
    {
        using var section = TaskProgress.Current.Engine();
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _frames.Dispose();
            quota?.Unspill(Length);
            if (_path is not null)
            {
                folder.Delete(_path);
            }

            CloseUnused();
        }
    }

    private void CloseUnused()
    {
        if (_readers == 0 && (_complete || _disposed))
        {
            _handle?.Dispose();
            _handle = null;
        }
    }

    private FileRange Write(ReadOnlySpan<byte> bytes)
    {
        while (quota?.TrySpill(bytes.Length) == false)
        {
            if (!folder.MakeRoom(quota))
            {
                IsOverQuota = true;
                throw quota.SpilledTooMuch(bytes.Length);
            }
        }

        var at = Interlocked.Add(ref _length, bytes.Length) - bytes.Length;
        while (true)
        {
            try
            {
                RandomAccess.Write(_handle ?? Open(), bytes, at);
                break;
            }
            catch (Exception e) when (e is IOException and not SpillException)
            {
                if (!folder.MakeRoom(null))
                {
                    throw folder.Failed(bytes.Length, e);
                }
            }
        }

        folder.Written(bytes.Length);
        return new FileRange(at, bytes.Length);
    }

    private SafeFileHandle Open()
    {
        using var section = TaskProgress.Current.Engine();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_complete)
            {
                throw new InvalidOperationException($"'{_path}' is complete and takes no more.");
            }

            return _handle ??= folder.CreateFile(out _path);
        }
    }
}

/// <summary>A piece of a file.</summary>
internal readonly record struct FileRange(long Offset, long Length);

/// <summary>A complete sequence of elements in a <see cref="SpillFile"/>: whole frames, in order.</summary>
/// <param name="Ranges">Where they are; neighbours are joined.</param>
/// <param name="Count">Elements.</param>
/// <param name="Bytes">On disk.</param>
internal sealed record SpilledSequence(ReadOnlyMemory<FileRange> Ranges, long Count, long Bytes)
{
    public static SpilledSequence Empty { get; } = new(default, 0, 0);
}

/// <summary>Streams a sequence from disk: holds one frame, or a few when they are small.</summary>
internal sealed class SpillReader<T>(SpillFile file, ReadOnlyMemory<FileRange> ranges) : FrameChunkReader<T>(file.Code)
{
    private readonly SpillFrames _source = new(file, ranges);

    public override void Dispose() => _source.Dispose();

    protected override bool NextFrame(out Frame frame)
    {
        var any = _source.Next();
        frame = any ? _source.Current : default;
        return any;
    }
}
