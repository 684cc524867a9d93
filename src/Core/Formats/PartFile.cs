using MicroSpark.Files;
using MicroSpark.Plans;

namespace MicroSpark.Formats;

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

    /// <exception cref="IOException">The job's directory is not there: the job ended, or this worker does not share the file system.</exception>
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
                $"The directory '{target.JobDirectory}' does not exist. Either the job ended before this task, or '{target.Path}' is not on a file "
                + "system that all workers share.", missing);
        }
    }

    /// <summary>What is written here is the file's content, before compression.</summary>
    public Stream Content { get; }

    /// <summary>Ends the file and gives it the partition's name, unless another attempt was first: then its file stays and this one's goes.</summary>
    public void Commit()
    {
        Content.Dispose();
        _file.Dispose();
        _published = _files.TryPublish(_path, _target.PartFile(_partition));
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

/// <summary>Save targets in plans.</summary>
internal static class SaveTargets
{
    public static void Write(PlanWriter writer, SaveTarget target)
    {
        writer.Text(target.Path);
        writer.Text(target.Job.ToString());
        writer.Int32((int)target.Compression);
        writer.Text(target.Extension);
    }

    public static SaveTarget Read(PlanReader reader) =>
        new(reader.Text()!, JobId.Parse(reader.Text()!), (Compression)reader.Int32(), reader.Text()!);
}

/// <summary>Errors that all saves share.</summary>
internal static class SaveErrors
{
    public static InvalidOperationException Null(long element, int partition, string what) => new(
        $"Element {element} of partition {partition} is null, and a {what} cannot hold null rows. Filter nulls out before saving.");
}
