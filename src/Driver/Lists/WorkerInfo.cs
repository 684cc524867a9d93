namespace MicroSpark;

/// <summary>Whether a worker takes part.</summary>
public enum WorkerState
{
    /// <summary>It is a live member of the cluster.</summary>
    Active,
}

/// <summary>One worker, as it is now.</summary>
/// <param name="Name">The silo's name.</param>
/// <param name="Address">Host and port of the silo.</param>
/// <param name="Slots">Partitions that it computes at once.</param>
/// <param name="SlotsBusy">Partitions that it computes now.</param>
/// <param name="MemoryUsed">Bytes of the blocks it holds.</param>
/// <param name="MemoryBudget">Bytes that blocks and tasks may use.</param>
/// <param name="State">Whether it takes part.</param>
public sealed record WorkerInfo(
    string Name, string Address, int Slots, int SlotsBusy, long MemoryUsed, long MemoryBudget, WorkerState State)
{
    /// <summary>
    /// Tasks that were cancelled and did not end within five seconds: each still has a thread of its own, above the slots, and its memory.
    /// A worker process that has as many as slots leaves the cluster and exits with code 4.
    /// </summary>
    public int GivenUp { get; init; }
}
