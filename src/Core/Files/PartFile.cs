using MicroSpark.Model;

namespace MicroSpark.Files;

/// <summary>
/// One attempt's file of one partition, written aside. Nothing of it is seen before <see cref="Commit"/>; without it <see cref="Dispose"/>
/// removes what was written.
/// </summary>
internal sealed class PartFile : IDisposable
{
    private readonly SaveTarget _target;
    private readonly int _partition;
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly Stream _file;
    private bool _published;

    /// <exception cref="IOException">The job's directory is not there: the job ended, or this worker does not share the file
    /// system.</exception>
    public PartFile(SaveTarget target, int partition, AttemptId attempt, IFileSystem? files = null)
    {
        (_target, _partition, _files) = (target, partition, files ?? LocalFileSystem.Instance);
        _path = target.AttemptFile(partition, attempt);
        try
        {
            _file = _files.CreateAside(_path);
            Content = target.Compression.Compress(_file);
        }
        catch (DirectoryNotFoundException missing)
        {
            throw new IOException(
                $"The directory '{target.JobDirectory}' does not exist. Either the job ended before this task, or '{target.Path}' is "
                + $"not on a file "
                + "system that all workers share.", missing);
        }
    }

    /// <summary>What is written here is the file's content, before compression.</summary>
    public Stream Content { get; }

    /// <summary>
    /// Ends the file and gives it the partition's name. False when another attempt was first: its file stays, this one's goes.
    /// </summary>
    public bool Commit()
    {
        Content.Dispose();
        _file.Dispose();
        return _published = _files.TryPublish(_path, _target.PartFile(_partition));
    }

    public void Dispose()
    {
        try
        {
            // What is removed anyway is not compressed to its end first: that could fail again, and hide the first error.
            _file.Dispose();
        }
        finally
        {
            if (!_published)
            {
                _files.Delete(_path);
            }
        }
    }
}
