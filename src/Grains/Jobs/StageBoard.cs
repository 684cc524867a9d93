using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Jobs;

/// <summary>How far the stages of a job are.</summary>
/// <param name="before">What is told until a stage has been seen here: the job was another activation's.</param>
internal sealed class StageBoard(JobId job, StageTotals before = default)
{
    private readonly Dictionary<LineageId, StageState> _stages = [];

    /// <summary>The job's own stage as it was when it began; how far it is stands in the fields below, which each task changes.</summary>
    private StageState? _own;
    private TaskTraffic _ownTraffic;
    private int _ownDone;
    private int _ownTotal;

    /// <summary>All stages together.</summary>
    public StageTotals Totals
    {
        get
        {
            StageState[] all = [.. All];
            return all.Length == 0 ? before : new StageTotals(
                all.Count(static s => s.Done == s.Total), all.Length, all.Sum(static s => s.Done), all.Sum(static s => s.Total),
                all.Aggregate(default(TaskTraffic), static (sum, s) => sum + s.Traffic));
        }
    }

    public StageState[] InOrder => [.. All.OrderBy(static s => s.Stage)];

    private IEnumerable<StageState> All =>
        _own is null ? _stages.Values : _stages.Values.Append(_own with { Done = _ownDone, Total = _ownTotal, Traffic = _ownTraffic });

    /// <summary>Notes a stage that the job waits for.</summary>
    public void Note(StageState state) => _stages[state.Lineage] = state.For(job);

    /// <summary>Notes how far the job's own stage, its last one, is.</summary>
    /// <param name="spent">By the task that has ended since.</param>
    public void NoteOwn(SkeletonNode node, int done, int total, TaskTraffic spent = default)
    {
        _own ??= new StageState(node.Lineage, node.StageId, node.Name ?? node.Operator, 0, 0, job, default);
        _ownTraffic += spent;
        (_ownDone, _ownTotal) = (done, total);
    }
}

internal readonly record struct StageTotals(int Stages, int AllStages, int Tasks, int AllTasks, TaskTraffic Traffic);
