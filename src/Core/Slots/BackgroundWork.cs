namespace MicroSpark.Slots;

/// <summary>
/// Where a silo's own work runs that is neither a task nor a grain's turn: on the shared pool. Whoever begins such work is given this, and
/// never names the pool: a simulation decides when the work of which silo goes on.
/// </summary>
internal sealed class BackgroundWork(TaskScheduler scheduler)
{
    /// <summary>The pool of the process.</summary>
    public static BackgroundWork Pool { get; } = new(TaskScheduler.Default);

    /// <summary>Begins work that leaves the caller's scheduler.</summary>
    public Task Run(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();

    /// <inheritdoc cref="Run(Func{Task})"/>
    public Task<R> Run<R>(Func<Task<R>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();
}
