using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// Where a wish stands: one of the closed set below.
/// <code>
///   Ensure ──▶ Pending ── Grant ──▶ Granted        told once, and forgotten
///                 │ └──── Fail ───▶ Failed         told once, and forgotten
///                 └────── Withdraw, Silence        forgotten
/// </code>
/// Whether a pending wish is granted is judged when somebody asks, and not kept: what was there may be lost by then.
/// </summary>
internal abstract class WishState
{
    // Closed: all states are here.
    private WishState()
    {
    }

    /// <summary>As it stands now.</summary>
    public virtual WishState Judge(BlockTable table) => this;

    /// <summary>Why it failed counts, not why it would have failed again.</summary>
    public virtual Failed? Fail(TaskReport failure) => null;

    /// <summary>Nobody has wished, or has been told.</summary>
    public sealed class Unknown : WishState
    {
        public static readonly Unknown Instance = new();
    }

    /// <param name="partitions">Null for all.</param>
    public sealed class Pending(int[]? partitions) : WishState
    {
        private int _next;

        public override WishState Judge(BlockTable table) => IsGranted(table) ? new Granted(all: partitions is null) : this;

        public override Failed Fail(TaskReport failure) => new(failure);

        /// <summary>
        /// Asked after every report: so it goes on where it last found something missing, and looks at all once at the end.
        /// </summary>
        private bool IsGranted(BlockTable table)
        {
            if (partitions is null)
            {
                return table.IsComplete;
            }

            while (_next < partitions.Length && table.IsSettled(partitions[_next]))
            {
                _next++;
            }

            if (_next < partitions.Length)
            {
                return false;
            }

            _next = 0;
            return Array.TrueForAll(partitions, table.IsSettled);
        }
    }

    /// <summary>All that was wished for is there.</summary>
    /// <param name="all">Whether it was the whole RDD.</param>
    public sealed class Granted(bool all) : WishState
    {
        public bool All => all;
    }

    public sealed class Failed(TaskReport failure) : WishState
    {
        public TaskReport Failure => failure;
    }
}
