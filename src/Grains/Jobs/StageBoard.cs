using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Jobs;

/// <summary>How far the stages of a job are.</summary>
/// <param name="before">What is told until a stage has been seen here: the job was another activation's.</param>
internal sealed class StageBoard(JobId job, StageTotals before = default)
{
    private readonly Dictionary<LineageId, StageState> _stages = [];
    private TaskTraffic _ownTraffic;

    /// <summary>All stages together.</summary>
    public StageTotals Totals => _stages.Count == 0 ? before : new StageTotals(
        _stages.Values.Count(static s => s.Done == s.Total), _stages.Count,
        _stages.Values.Sum(static s => s.Done), _stages.Values.Sum(static s => s.Total),
        _stages.Values.Aggregate(default(TaskTraffic), static (sum, s) => sum + s.Traffic));

    public StageState[] InOrder => [.. _stages.Values.OrderBy(static s => s.Stage)];

    /// <summary>Notes a stage that the job waits for.</summary>
    public void Note(StageState state) => _stages[state.Lineage] = state.For(job);

    /// <summary>Notes how far the job's own stage, its last one, is.</summary>
    /// <param name="spent">By the task that has ended since.</param>
    public void NoteOwn(SkeletonNode node, int done, int total, TaskTraffic spent = default)
    {
        _ownTraffic += spent;
        _stages[node.Lineage] = new StageState(node.Lineage, node.StageId, node.Name ?? node.Operator, done, total, job, _ownTraffic);
    }
}

internal readonly record struct StageTotals(int Stages, int AllStages, int Tasks, int AllTasks, TaskTraffic Traffic);
