namespace MicroSpark.Grains.Cluster;

internal static class Background
{
    /// <summary>
    /// For calls whose failure changes nothing: telling a worker to stop or drop something, which it does by itself when it is not told
    /// (unpolled batches, leases), or which is moot because it died.
    /// </summary>
    public static void Forget(this Task task)
    {
        if (!task.IsCompleted || task.IsFaulted)
        {
            task.ContinueWith(
                static t =>
                    _ = t.Exception, CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
