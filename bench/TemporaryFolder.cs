namespace MicroSpark.Bench;

/// <summary>A folder for a workload's input, made when the first file is named, removed with this object.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private string? _path;

    public string File(string name) => Path.Join(_path ??= Directory.CreateTempSubdirectory("microspark-bench-").FullName, name);

    public void Dispose()
    {
        if (_path is not null)
        {
            Directory.Delete(_path, recursive: true);
        }
    }
}
