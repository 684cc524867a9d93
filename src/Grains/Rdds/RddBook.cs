using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// What a recipe's grain has on file from when it knows how many partitions there are. It is a memory of what workers hold: losing it loses
/// no data.
/// </summary>
internal sealed class RddBook(LineageId lineage, BlockTable table, SecondCopies copies)
{
    private readonly SortedDictionary<int, TaskUpdates> _updates = [];

    public BlockTable Table => table;

    public SecondCopies Copies => copies;

    public RddProgress Progress { get; } = new(lineage, table);

    /// <summary>What the tasks that computed the partitions added to accumulators.</summary>
    public UpdatePage Updates(int from) => UpdatePage.Of(_updates.Values, from);

    public void NoteUpdates(int partition, AttemptId attempt, byte[]? updates)
    {
        if (updates is not null)
        {
            _updates[partition] = new TaskUpdates(lineage, partition, attempt, updates);
        }
    }

    /// <summary>
    /// The blocks that the workers hold are the truth. They also replace the remembered ones, but not those learnt while the workers were
    /// asked.
    /// </summary>
    /// <param name="remembered">The map from before the workers were asked; null when nothing was known then.</param>
    public void Learn(BlockMap? remembered, IReadOnlyList<(WorkerId Worker, HeldBlocks Held)> answers, Func<WorkerId, bool> isLive)
    {
        foreach (var (worker, held) in remembered is null ? [] : answers)
        {
            table.LoseUnconfirmed(remembered!, worker, held.Blocks.Select(static b => (b.Partition, b.Attempt)).ToHashSet());
        }

        foreach (var (worker, held) in answers)
        {
            foreach (var block in held.Blocks)
            {
                if (block.Partition < table.Count && isLive(worker)
                    && table.Find(block.Partition, worker, block.Attempt, block.Fingerprint))
                {
                    NoteUpdates(block.Partition, block.Attempt, block.Updates);
                }
            }
        }
    }
}
