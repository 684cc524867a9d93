using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace MicroSpark.Grains.Events;

/// <summary>
/// How often each transition of each kind of state machine was taken on one silo, since it started. Tests read it, and so can whatever
/// exports figures. Counts only grow; any thread may add.
/// </summary>
internal sealed class TransitionCounts
{
    private readonly ConcurrentDictionary<(string Machine, string Transition), StrongBox<long>> _counts = new();

    /// <summary>All that were ever taken, by name.</summary>
    public IReadOnlyList<(string Machine, string Transition, long Count)> All =>
        [.. _counts.Select(static c => (c.Key.Machine, c.Key.Transition, Interlocked.Read(ref c.Value.Value))).Order()];

    /// <param name="machine">What goes from state to state, such as "Job".</param>
    /// <param name="transition">The name of the method that is the transition.</param>
    public void Add(string machine, string transition) =>
        Interlocked.Increment(ref _counts.GetOrAdd((machine, transition), static _ => new StrongBox<long>()).Value);

    /// <summary>0 for what was never taken.</summary>
    public long Of(string machine, string transition) =>
        _counts.TryGetValue((machine, transition), out var count) ? Interlocked.Read(ref count.Value) : 0;
}
