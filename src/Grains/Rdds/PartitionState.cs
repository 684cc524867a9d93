using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// Where one partition of a kept recipe stands, as the recipe's grain sees it: one of the closed set below. Each state owns the data that
/// exists only in it.
/// <code>
///   Missing ── Start ──▶ InFlight ── Compute ──▶ Computed ── Copy ──▶ Copying
///      ▲                    │                     ▲     │              │  │
///      ├────── Drop ────────┘                     └─────┼── PutCopy, ──┘  │
///      │                                                │   Settle        │
///      └────── Lose (the only copy), Discard, Forget ───┴─────────────────┘
///
///   Missing, InFlight ── Find ──▶ Computed      a worker says that it has the block
///   all ─────────────── Compute ─▶ Computed     the newest attempt's block counts
/// </code>
/// The law: a transition is a method; null says that it does not exist from here, or changes nothing. Losing one copy of two leads to
/// Computed.
/// </summary>
internal abstract class PartitionState
{
    // Closed: all states are here.
    private PartitionState()
    {
    }

    /// <summary>Of the partition's block, or of the last one that there was; null when none was ever known here.</summary>
    public abstract ulong? Fingerprint { get; }

    /// <summary>Somebody computes it from now on.</summary>
    public virtual InFlight? Start(Computation by) => null;

    /// <summary>A block of a new attempt is there.</summary>
    public Computed Compute(Block block) => new(block);

    /// <summary>A worker says that it has a block: the one that is known, a copy of it, or the first that is heard of.</summary>
    public virtual Computed? Find(Block block) => new(block);

    /// <summary>It was not computed: that failed, or was stopped.</summary>
    public virtual Missing? Drop(Computation by) => null;

    /// <summary>There will be a second copy, for which those who wish for the partition wait.</summary>
    public virtual Copying? Copy() => null;

    /// <summary>There is a second copy of the attempt's block.</summary>
    public virtual Computed? PutCopy(int worker, AttemptId attempt) => null;

    /// <summary>Nobody waits for a second copy any more: it cannot be made.</summary>
    public virtual Computed? Settle() => null;

    /// <summary>A worker (null: each) does not have the partition's block any more. A second copy takes its place.</summary>
    public virtual PartitionState? Lose(int? at) => null;

    /// <summary>What was computed came from inputs that have changed: another fingerprint is no surprise.</summary>
    public virtual PartitionState? Forget() => null;

    /// <summary>Nobody wants the block any more: it is gone, and nothing is lost.</summary>
    public virtual Missing? Discard() => null;

    /// <summary>Not there, and in nobody's hands.</summary>
    /// <param name="lostAt">Who had the last copy; null when none was lost.</param>
    public sealed class Missing(ulong? former, int? lostAt = null) : PartitionState
    {
        public static readonly Missing Never = new(null);

        public int? LostAt => lostAt;

        public override ulong? Fingerprint => former;

        public override InFlight Start(Computation by) => new(by, former);

        public override Missing? Forget() => former is null ? null : Never;

        public override Missing? Discard() => lostAt is null ? null : new(former);
    }

    /// <summary>Being computed.</summary>
    public sealed class InFlight(Computation by, ulong? former) : PartitionState
    {
        public Computation By => by;

        public override ulong? Fingerprint => former;

        public override Missing? Drop(Computation who) => by == who ? new(former) : null;

        public override InFlight? Forget() => former is null ? null : new(by, null);
    }

    /// <summary>There, at one worker or two.</summary>
    public abstract class Held(Block block) : PartitionState
    {
        public Block Block => block;

        public override ulong? Fingerprint => block.Fingerprint;

        public override Computed? Find(Block found) => PutCopy(found.Worker, found.Attempt);

        public override Computed? PutCopy(int worker, AttemptId attempt) =>
            block.Attempt == attempt && block.Worker != worker ? new(block with { Copy = worker }) : null;

        public override PartitionState? Lose(int? at)
        {
            var copy = at is null || block.Copy == at ? null : block.Copy;
            if (at is null || block.Worker == at)
            {
                return copy is { } other
                    ? new Computed(block with { Worker = other, Copy = null })
                    : new Missing(block.Fingerprint, block.Worker);
            }

            return copy == block.Copy ? null : new Computed(block with { Copy = null });
        }

        public override Missing Forget() => Missing.Never;

        public override Missing Discard() => new(block.Fingerprint);
    }

    /// <summary>There, and nobody waits for more.</summary>
    public sealed class Computed(Block block) : Held(block)
    {
        public override Copying? Copy() => Block.Copy is null ? new(Block) : null;
    }

    /// <summary>There once; who wishes for it waits for its second copy.</summary>
    public sealed class Copying(Block block) : Held(block)
    {
        public override Computed Settle() => new(Block);
    }
}

/// <summary>Where one partition's block is. Workers are numbers of the table.</summary>
/// <param name="Copy">Who has the second copy; null when nobody has.</param>
internal readonly record struct Block(int Worker, AttemptId Attempt, ulong Fingerprint, int? Copy = null);

/// <summary>Partitions that are computed together, for whoever wishes for any of them.</summary>
/// <param name="share">Told which jobs wait for it, whenever these are others than before.</param>
internal sealed class Computation(int[] partitions, Action stop, Action<JobStake[]> share)
{
    private JobStake[] _jobs = [];

    public int[] Partitions => partitions;

    public void Stop() => stop();

    public void Share(JobStake[] jobs)
    {
        if (!_jobs.AsSpan().SequenceEqual(jobs))
        {
            _jobs = jobs;
            share(jobs);
        }
    }
}
