using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Rdds;

/// <summary>How far a recipe's stage, and the stages that it waits for, are: for whoever waits for it.</summary>
internal sealed class RddProgress(LineageId lineage, BlockTable table)
{
    private readonly Dictionary<LineageId, StageState> _stages = [];

    /// <summary>The job for which tasks were started last, and what they have read and written.</summary>
    private JobId _served;
    private TaskTraffic _traffic;

    public StageState[] Stages => [.. _stages.Values];

    /// <summary>Notes a stage that this one waits for.</summary>
    public void Note(StageState state) => _stages[state.Lineage] = state;

    public void Start(SkeletonNode node, JobId job)
    {
        if (_served != job)
        {
            (_served, _traffic) = (job, default);
        }

        NoteOwn(node);
    }

    /// <summary>A task has ended that was started for the job.</summary>
    public void Computed(SkeletonNode node, JobId job, TaskTraffic spent)
    {
        _traffic += job == _served ? spent : default;
        NoteOwn(node);
    }

    private void NoteOwn(SkeletonNode node) => _stages[lineage] = new StageState(
        lineage, node.StageId, node.Name ?? node.Operator, table.Computed, table.Count, _served, _traffic);
}
