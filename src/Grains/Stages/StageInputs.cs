using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// What one stage reads: ensures it at the parents' RddGrains, one wait per parent RDD, and remembers which content was read. For one
/// thread at a time: the turns of the grain that owns it.
/// </summary>
internal sealed class StageInputs(
    StageSpec stage, PlanSkeleton skeleton, IGrainFactory grains, ILocationSource locations, IWorkerPool pool, TimeProvider time,
    Action<StageState> progress, IEnumerable<InputContent> known)
{
    private readonly RequesterId _requester = RequesterId.New();
    private readonly Dictionary<LineageId, ulong> _contents = known.ToDictionary(c => c.Lineage, c => c.Content);
    private readonly HashSet<LineageId> _asked = [];
    private bool _stopped;

    /// <summary>Told when the grain of an input was activated anew while the stage waited for it.</summary>
    public Action<StageSpec>? OwnerLost { get; set; }

    /// <summary>What the tasks so far have read.</summary>
    public IEnumerable<InputContent> Contents => _contents.Select(c => new InputContent(c.Key, c.Value));

    /// <summary>Some input is no longer what tasks of this stage have read before.</summary>
    public bool ContentChanged { get; private set; }

    /// <summary>Ends when what the partitions read is there. Returns the failure of a parent, or null.</summary>
    public async Task<(InputVersion[] Versions, StageFailure? Failure)> EnsureAsync(int[]? partitions)
    {
        ContentChanged = false;
        var inputs = skeleton.InputsOf(stage.Node, partitions);
        if (inputs.Count == 0)
        {
            return ([], null);
        }

        var waits = await Task.WhenAll(inputs.Select(EnsureAsync));
        var versions = new InputVersion[inputs.Count];
        for (var i = 0; i < waits.Length; i++)
        {
            if (waits[i].Failure is { } failure)
            {
                return ([], failure);
            }

            var lineage = skeleton.Nodes[inputs[i].Node].Lineage;
            versions[i] = new InputVersion(lineage, waits[i].Version);
            if (waits[i].Content is { } content)
            {
                ContentChanged |= _contents.TryGetValue(lineage, out var earlier) && content != earlier;
                _contents[lineage] = content;
            }
        }

        return (versions, null);
    }

    /// <summary>Looks whether the inputs' content is still what was read, without asking for any of it.</summary>
    public async Task CheckAsync()
    {
        ContentChanged = false;
        foreach (var (lineage, earlier) in _contents.ToArray())
        {
            ContentChanged |= await RepeatAsync(lineage, static grain => grain.ContentAsync()) is { } now && now != earlier;
        }
    }

    /// <summary>Where the data of each partition is: at the worker of the first kept output that a narrow way leads to.</summary>
    public async Task<PlacedPartition[]> PlaceAsync(int[] partitions, InputVersion[] versions)
    {
        var near = versions.Length == 0 || pool.Known.Count == 1 ? null : Locality.Of(skeleton, stage.Node, partitions);
        return PlacementPolicy.Near(partitions, near, near is null ? null : await MapOfAsync(skeleton.Nodes[near.Input].Lineage, versions));
    }

    /// <summary>
    /// Where an input's blocks are. Null when its grain, which has just said that they are there, was lost since and knows none: the tasks
    /// go anywhere and say what they do not find.
    /// </summary>
    private async Task<BlockMap?> MapOfAsync(LineageId lineage, InputVersion[] versions)
    {
        try
        {
            return await locations.LocateAsync(lineage, versions.First(v => v.Lineage == lineage).Version, CancellationToken.None);
        }
        catch (InputLostException)
        {
            return null;
        }
    }

    /// <summary>An input, for people.</summary>
    public string NameOf(LineageId lineage)
    {
        var node = skeleton.Nodes.FirstOrDefault(n => n.Lineage == lineage);
        return node is null ? $"input {lineage}" : $"stage {node.StageId} ({node.Name ?? node.Operator})";
    }

    /// <summary>Tells the parents what tasks did not find.</summary>
    public Task ReportLostAsync(IEnumerable<TaskReport> reports) => Task.WhenAll(
        reports.GroupBy(r => (r.LostLineage, r.LostAt)).Select(
            g => ReportLostAsync(
                g.Key.LostLineage, g.SelectMany(static r => r.Lost ?? []).Distinct().OrderBy(static b => b.Partition), g.Key.LostAt)));

    /// <summary>The parents need not go on for this stage.</summary>
    public void Stop()
    {
        _stopped = true;
        foreach (var lineage in _asked)
        {
            GrainOf(lineage).ReleaseAsync(_requester).Forget();
        }
    }

    private async Task ReportLostAsync(LineageId lineage, IEnumerable<BlockPart> lost, WorkerId? at)
    {
        foreach (var page in lost.Chunk(TaskReport.MostLost))
        {
            await RepeatAsync(lineage, async grain =>
            {
                await grain.ReportLostAsync(page, at);
                return true;
            });
        }
    }

    private async Task<RddStatus> EnsureAsync(StageInput input)
    {
        var lineage = skeleton.Nodes[input.Node].Lineage;
        var request = new EnsureRequest(
            _requester, stage.Job, stage.Context, stage.Plan, input.Node, input.Partitions is { } some ? PartitionRuns.Of(some) : null,
            stage.Policy);
        _asked.Add(lineage);
        try
        {
            var status = await RepeatAsync(lineage, grain => grain.EnsureAsync(request));
            while (status.Phase is RddPhase.Pending or RddPhase.Unknown && !_stopped)
            {
                Report(status);
                var again = status.Phase == RddPhase.Unknown;
                if (again)
                {
                    request = request with { Policy = request.Policy with { SparesOwner = true } };
                    OwnerLost?.Invoke(StageSpec.Of(stage.Job, stage.Context, stage.Plan, skeleton, input.Node, lineage, stage.Policy));
                }

                status = await RepeatAsync(lineage, grain => again ? grain.EnsureAsync(request) : grain.WaitAsync(_requester));
            }

            Report(status);
            return _stopped
                ? status with { Phase = RddPhase.Failed, Failure = new StageFailure.Cancelled() }
                : status;
        }
        catch (Exception e) when (_stopped && CallErrors.IsTransient(e, CancellationToken.None))
        {
            // Nobody wants it any more. That its grain is out of reach must not fail those who want it anew meanwhile.
            return RddStatus.Unknown with { Phase = RddPhase.Failed, Failure = new StageFailure.Cancelled() };
        }
        finally
        {
            _asked.Remove(lineage);
        }
    }

    private void Report(RddStatus status)
    {
        foreach (var state in status.Stages)
        {
            progress(state);
        }
    }

    private IRddGrain GrainOf(LineageId lineage) => grains.GetGrain<IRddGrain>(lineage.ToString());

    private Task<R> RepeatAsync<R>(LineageId lineage, Func<IRddGrain, Task<R>> call) =>
        GrainCalls.RepeatAsync(() => call(GrainOf(lineage)), time, () => _stopped);
}
