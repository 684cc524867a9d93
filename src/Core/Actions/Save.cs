using MicroSpark.Actions;
using MicroSpark.Closures;
using MicroSpark.Files;
using MicroSpark.Plans;

namespace MicroSpark.Actions
{
    [EngineFunction]
    internal sealed class SavedParts(SaveTarget target, int partitions)
    {
        /// <summary>On a worker, once all parts are written; may be repeated.</summary>
        public bool Commit(long[] parts)
        {
            SaveCommit.Commit(target, partitions);
            return true;
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>Runs a save between the steps that make it atomic: all parts are there under their names, or nothing is.</summary>
        private Task SaveAsync(
            string name, string path, string extension, Compression compression, Func<SaveTarget, ActionNode<T, long>> save,
            CancellationToken cancellationToken, bool forOwner = false)
        {
            return Runner.Capture is { } capture ? Captured(capture) : SaveNowAsync();

            async Task SaveNowAsync()
            {
                var target = Target();
                var action = save(target);
                var partitions = action.NumPartitions;
                SaveCommit.Begin(target, forOwner: forOwner);
                try
                {
                    await RunAllAsync(name, action, cancellationToken).ConfigureAwait(false);
                    SaveCommit.Commit(target, partitions);
                }
                catch
                {
                    SaveCommit.ClearUp(target);
                    throw;
                }
            }

            Task Captured(ActionCapture capture)
            {
                var target = Target();
                var action = save(target).AsPart();
                var partitions = action.NumPartitions;
                return capture.Take<bool>(
                    new CapturedAction(
                        name, FinishNode<long, bool>.Encode(name, action, new SavedParts(target, partitions).Commit), typeof(bool),
                        Joined: false)
                    {
                        Begin = () => SaveCommit.Begin(target),
                        Abort = () => SaveCommit.ClearUp(target),
                    });
            }

            SaveTarget Target()
            {
                Runner.EnsureUsable();
                ArgumentException.ThrowIfNullOrWhiteSpace(path);
                return new SaveTarget(InputPaths.MakeAbsolute(path), JobId.New(), compression, extension);
            }
        }
    }
}
