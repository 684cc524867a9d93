using System.Runtime.CompilerServices;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Stopping;

namespace MicroSpark.Tasks;

/// <summary>
/// The broadcast values of one silo, decoded once each and shared by its tasks. Past the budget those go that were not used for the longest
/// time: the next task that reads one decodes it again.
/// </summary>
/// <param name="pull">Gets a piece from this silo, or from any that has it.</param>
internal sealed class BroadcastStore(Func<BlobName, string?, IReadOnlyList<WorkerId>, Task<byte[]>> pull, MemoryPool memory)
{
    /// <summary>Pieces under way at once.</summary>
    private const int Pulls = 4;

    private readonly Dictionary<(LineageId Content, string? Owner, Type Type), Held> _held = [];
    private readonly Lock _gate = new();
    private long _clock;
    private int _decoded;

    /// <summary>In bytes, as measured on a sample of what was decoded.</summary>
    public required long Budget { get; set; }

    /// <summary>How many values were decoded so far, for tests.</summary>
    public int Decoded => Volatile.Read(ref _decoded);

    /// <summary>Forgets all values: the next task that reads one decodes it again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (var (key, held) in _held.ToArray())
            {
                Remove(key, held);
            }
        }
    }

    /// <summary>The value, by whichever task asks first; others of the silo wait for it.</summary>
    /// <param name="owner">Whose plan reads it: see <see cref="PlanRef.Owner"/>. What one has decoded another does not find.</param>
    /// <param name="code">The assemblies of the task's plan, of which are the value's types.</param>
    public StrongBox<T> Get<T>(BroadcastContent content, IReadOnlyList<WorkerId> holders, string? owner, CodeSpace code)
    {
        // Others wait for it as well.
        using var section = TaskProgress.Current.Engine();
        var key = (content.Id, owner, typeof(T));
        Held? held;
        lock (_gate)
        {
            if (!_held.TryGetValue(key, out held))
            {
                held = new Held(() => Load<T>(content, owner, holders, code));
                _held.Add(key, held);
            }

            held.LastUse = ++_clock;
        }

        try
        {
            var value = (StrongBox<T>)held.Value;
            Count(key, held, value);
            return value;
        }
        catch
        {
            // The next task may find a holder.
            lock (_gate)
            {
                if (_held.TryGetValue(key, out var failed) && failed == held)
                {
                    Remove(key, held);
                }
            }

            throw;
        }
    }

    /// <summary>Forgets somebody's value. Tasks that have it keep it to their end.</summary>
    public void Drop(LineageId content, string? owner)
    {
        lock (_gate)
        {
            foreach (var (key, held) in _held.Where(held => held.Key.Content == content && held.Key.Owner == owner).ToArray())
            {
                Remove(key, held);
            }
        }
    }

    /// <summary>Measures a value that was just decoded; whoever does so first.</summary>
    private void Count<T>((LineageId Content, string? Owner, Type Type) key, Held held, StrongBox<T> value)
    {
        if (held.Bytes > 0)
        {
            return;
        }

        var bytes = Sizes.Estimate<T>([value.Value!]);
        lock (_gate)
        {
            if (held.Bytes > 0 || !_held.TryGetValue(key, out var current) || current != held)
            {
                return;
            }

            held.Bytes = bytes;
            Trim(held);
        }

        // Not under the lock: blocks may have to go to disk first.
        memory.HoldShared(bytes, memory.QuotaOf(key.Owner));
    }

    private void Remove((LineageId Content, string? Owner, Type Type) key, Held held)
    {
        _held.Remove(key);
        memory.HoldShared(-held.Bytes, memory.QuotaOf(key.Owner));
    }

    private void Trim(Held newest)
    {
        var over = _held.Values.Sum(static held => held.Bytes) - Budget;
        foreach (var (key, held) in over <= 0 ? [] : _held.OrderBy(static entry => entry.Value.LastUse).ToArray())
        {
            if (over > 0 && held != newest)
            {
                Remove(key, held);
                over -= held.Bytes;
            }
        }
    }

    private StrongBox<T> Load<T>(BroadcastContent content, string? owner, IReadOnlyList<WorkerId> holders, CodeSpace code)
    {
        try
        {
            var bytes = content.Chunks.Count == 1
                ? pull(content.Chunks[0], owner, holders).GetAwaiter().GetResult()
                : PullAllAsync(content, owner, holders).GetAwaiter().GetResult();
            var value = new StrongBox<T>(ValueCodec.Decode<T>(bytes, code));
            Interlocked.Increment(ref _decoded);
            return value;
        }
        catch (BlobMissingException e)
        {
            throw new InvalidOperationException(
                $"The broadcast {TypeNames.Of(typeof(T))} of {content.Length:N0} bytes is no longer on the cluster: it was destroyed, "
                + $"or all workers that held it are "
                + "gone. Destroy a broadcast after its last use, or broadcast the value again.", e);
        }
    }

    private async Task<byte[]> PullAllAsync(BroadcastContent content, string? owner, IReadOnlyList<WorkerId> holders)
    {
        var bytes = GC.AllocateUninitializedArray<byte>((int)content.Length);
        var starts = new int[content.Chunks.Count];
        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + content.Lengths[i - 1];
        }

        // Silos that begin together begin with different pieces, so that each soon has some that others lack.
        var order = new int[starts.Length];
        for (var i = 1; i < order.Length; i++)
        {
            order[i] = i;
        }

        Chance.Source.Shuffle(order);
        await Parallel.ForEachAsync(order, new ParallelOptions { MaxDegreeOfParallelism = Pulls }, async (i, _) =>
        {
            var chunk = await pull(content.Chunks[i], owner, holders).ConfigureAwait(false);
            chunk.CopyTo(bytes.AsSpan(starts[i], content.Lengths[i]));
        }).ConfigureAwait(false);
        return bytes;
    }

    private sealed class Held(Func<object> load)
    {
        private readonly Lazy<object> _value = new(load);

        public object Value => _value.Value;

        /// <summary>0 until it was measured.</summary>
        public long Bytes { get; set; }

        public long LastUse { get; set; }
    }
}

/// <summary>Where a task finds broadcast values: its silo's store, and the workers that hold what its plan needs.</summary>
internal sealed record BroadcastSource(
    BroadcastStore Store, IReadOnlyList<WorkerId> Holders, IReadOnlyList<BlobName> Gone, string? Owner, CodeSpace Code)
{
    /// <summary>Of the task that the calling thread runs; null outside a task.</summary>
    public static BroadcastSource? OfTask() =>
        TaskContext.Current is { Broadcasts: { } store } task
            ? new BroadcastSource(store, task.PlanHolders, task.PlanGone, task.PlanOwner, task.Code)
            : null;

    /// <exception cref="InvalidOperationException">
    /// No worker has it. As long as it may come again, the error has a <see cref="BlobMissingException"/> within.
    /// </exception>
    public StrongBox<T> Get<T>(BroadcastContent content)
    {
        try
        {
            return Store.Get<T>(content, Holders, Owner, Code);
        }
        catch (InvalidOperationException e) when (e.InnerException is BlobMissingException missing && Gone.Contains(missing.Name))
        {
            // For this plan: another one that reads the same content may be of a client that has it.
            throw new InvalidOperationException(
                $"The broadcast {TypeNames.Of(typeof(T))} of {content.Length:N0} bytes was destroyed before the job began. Destroy a "
                + "broadcast after its last use, or broadcast the value again.");
        }
    }
}
