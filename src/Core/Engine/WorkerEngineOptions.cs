using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Options;
using MicroSpark.Slots;

namespace MicroSpark.Engine;

/// <summary>What a worker engine is told at start.</summary>
/// <param name="ClientsInProcess">Whether clients live in this process (embedded) and take results by reference.</param>
/// <param name="SpillDirectory">Where the silo makes its private spill folder; null for the system's temporary folder.</param>
/// <param name="LeavesWhenExhausted">Whether the silo leaves its cluster when as many tasks are given up as it has slots. Tasks that come
/// after that are given back; else they fail.</param>
/// <param name="Starved">Refuses tasks all working memory, for tests: see <see cref="MemoryPool"/>.</param>
internal sealed record WorkerEngineOptions(
    int Slots, bool Fused, bool SimulatedIsolation, long MemoryBudget, bool ClientsInProcess = false, string? SpillDirectory = null,
    bool Starved = false, bool LeavesWhenExhausted = false)
{
    public ShareRules Shares { get; init; } = ShareRules.Equal;

    /// <summary>What those may have here whose settings say so.</summary>
    public IReadOnlyList<OwnerLimits> Limits { get; init; } = [];

    /// <summary>Of the slots.</summary>
    public SlotThreads Threads { get; init; } = SlotThreads.System;

    /// <summary>Where plans are loaded.</summary>
    public BackgroundWork Background { get; init; } = BackgroundWork.Pool;

    /// <summary>The only assemblies of plans that are loaded; null for any.</summary>
    public ApprovedCode? Approved { get; init; }

    public MemoryGuard Guard { get; init; } = MemoryGuard.OfProcess;

    /// <summary>Bytes of the longest line that a task reads.</summary>
    public long MaxLineSize { get; init; } = long.MaxValue;
}
