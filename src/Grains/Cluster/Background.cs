namespace MicroSpark.Grains.Cluster;

internal static class Background
{
    /// <summary>
    /// For calls whose failure changes nothing, such as the request to a worker to stop or drop something. Without the call the worker does
    /// so by itself (unpolled batches, leases), or it has died and the call is moot.
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
