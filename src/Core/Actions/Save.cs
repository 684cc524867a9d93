using MicroSpark.Actions;
using MicroSpark.Files;

namespace MicroSpark;

public partial class Rdd<T>
{
    /// <summary>Runs a save between the steps that make it atomic: all parts are there under their names, or nothing is.</summary>
    private async Task SaveAsync(
        string name, string path, string extension, Compression compression, Func<SaveTarget, ActionNode<T, long>> save, CancellationToken cancellationToken)
    {
        Runner.EnsureUsable();
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var target = new SaveTarget(InputPaths.MakeAbsolute(path), JobId.New(), compression, extension);
        var action = save(target);
        var partitions = action.NumPartitions;
        SaveCommit.Begin(target);
        try
        {
            await RunAllAsync(name, action, cancellationToken).ConfigureAwait(false);
            SaveCommit.Commit(target, partitions);
        }
        catch
        {
            SaveCommit.Abort(target);
            throw;
        }
    }
}
