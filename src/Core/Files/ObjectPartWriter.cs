using MicroSpark.Closures;
using MicroSpark.Memory;

namespace MicroSpark.Files;

/// <summary>One attempt at writing one partition as an object file. Nothing of it is seen before <see cref="Commit"/>.</summary>
internal sealed class ObjectPartWriter<T> : IDisposable
{
    private readonly SaveTarget _target;
    private readonly int _partition;
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly Stream _output;
    private readonly FrameWriter _frames;
    private readonly T[] _waiting = new T[Frame.ElementsOf<T>()];
    private int _count;
    private bool _published;

    /// <exception cref="IOException">The job's directory is not there: the job ended, or this worker does not share the file system.</exception>
    public ObjectPartWriter(SaveTarget target, int partition, AttemptId attempt, CodeSpace space, IFileSystem? files = null)
    {
        (_target, _partition, _frames) = (target, partition, new FrameWriter(space));
        _files = files ?? LocalFileSystem.Instance;
        _path = target.AttemptFile(partition, attempt);
        try
        {
            _output = _files.CreateAside(_path);
        }
        catch (DirectoryNotFoundException missing)
        {
            throw target.NoDirectory(missing);
        }

        ObjectFileFormat.WriteHead(_output, ElementShape.Of(typeof(T)));
    }

    /// <summary>Elements written so far.</summary>
    public long Count { get; private set; }

    /// <exception cref="Codecs.NotEncodableException">An element cannot travel.</exception>
    /// <exception cref="IOException">The disk is full, or the file cannot be written for another reason; the message names it.</exception>
    public void Write(ReadOnlySpan<T> elements)
    {
        Count += elements.Length;
        while (!elements.IsEmpty)
        {
            int taken = Math.Min(elements.Length, _waiting.Length - _count);
            elements[..taken].CopyTo(_waiting.AsSpan(_count));
            elements = elements[taken..];
            _count += taken;
            if (_count == _waiting.Length)
            {
                // Only what fills a frame: what is left waits for more, so that where frames end depends on the elements alone.
                WriteFrame();
            }
        }
    }

    /// <summary>
    /// Ends the file and gives it the partition's name. False when another attempt was first: its file stays, this one's goes.
    /// </summary>
    public bool Commit()
    {
        while (_count > 0)
        {
            WriteFrame();
        }

        ObjectFileFormat.WriteEnd(_output, Count);
        _output.Dispose();
        _published = _files.TryPublish(_path, _target.PartFile(_partition));
        return _published;
    }

    public void Dispose()
    {
        _frames.Dispose();
        try
        {
            _output.Dispose();
        }
        finally
        {
            if (!_published)
            {
                _files.Delete(_path);
            }
        }
    }

    private void WriteFrame()
    {
        int written = _frames.Write<T>(_waiting.AsSpan(0, _count));
        _output.Write(_frames.Written.Span);
        _waiting.AsSpan(written, _count - written).CopyTo(_waiting);
        _count -= written;
        _waiting.AsSpan(_count, written).Clear();
    }
}
