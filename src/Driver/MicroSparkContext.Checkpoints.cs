using MicroSpark.Files;

namespace MicroSpark;

public sealed partial class MicroSparkContext
{
    /// <summary>
    /// Says where <c>rdd.Checkpoint()</c> saves: each context makes a directory of its own below this one. The files outlive the context.
    /// </summary>
    /// <param name="path">A directory on a file system that all workers share; made when it is first written to.</param>
    public void SetCheckpointDirectory(string path)
    {
        _runner.EnsureUsable();
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _runner.CheckpointDirectory = Path.Join(InputPaths.MakeAbsolute(path), Guid.NewGuid().ToString("N"));
    }
}
