using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Rdds;

// Who wants what, and the computations that serve them.
internal sealed partial class RddGrain
{
    /// <summary>How often a waiting requester hears of progress.</summary>
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>The job for which tasks were started last, and what they have read and written.</summary>
    private JobId _servedJob;
    private TaskTraffic _traffic;

    private void Start(PlanSkeleton skeleton, EnsureRequest request)
    {
        if (_copied is null && KeepsTwo(skeleton.Nodes[request.Node]))
        {
            _copied = StageOf(skeleton, request);
        }

        var missing = (request.Partitions ?? Enumerable.Range(0, _table!.Count)).Where(p => !_table!.Has(p) && !_inFlight.ContainsKey(p)).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        var stage = StageOf(skeleton, request);
        var inputs = new StageInputs(stage, skeleton, GrainFactory, locations, pool, time, state => _stages[state.Lineage] = state, []);
        var run = new StageRun(stage, inputs, pool, events, () => new PartitionTaskSet(stage, GrainFactory, pool, events, time));
        run.NoteLost(_table!.LossesOf(missing));
        var computation = new Computation(run, missing);
        foreach (var partition in missing)
        {
            _inFlight.Add(partition, computation);
        }

        if (_servedJob != request.Job)
        {
            (_servedJob, _traffic) = (request.Job, default);
        }

        _stages[_lineage] = StateOf(skeleton.Nodes[request.Node]);
        Compute(computation, skeleton.Nodes[request.Node], request.Job);
    }

    private async void Compute(Computation computation, SkeletonNode node, JobId job)
    {
        StageFailure? failure;
        try
        {
            failure = await computation.Run.RunAsync(
                computation.Partitions,
                report =>
                {
                    _inFlight.Remove(report.Partition);
                    _table!.Put(report.Partition, report.Worker, report.Attempt, report.Fingerprint);
                    NoteUpdates(report.Partition, report.Attempt, report.Updates);
                    CopyComputed(report.Partition);
                    _traffic += job == _servedJob ? report.Traffic : default;
                    _stages[_lineage] = StateOf(node);
                    _signal.Raise();
                },
                () =>
                {
                    // What was made of the former inputs is invalid; what others made of that, they see by the new fingerprints.
                    _table!.Forget();
                    return null;
                });
        }
        catch (Exception e)
        {
            failure = new StageFailure.Broken(node.StageId, TaskFailure.Of(e, node.Operator));
        }

        foreach (var partition in computation.Partitions)
        {
            if (_inFlight.TryGetValue(partition, out var owner) && owner == computation)
            {
                _inFlight.Remove(partition);
            }
        }

        if (failure is not (null or StageFailure.Cancelled))
        {
            var failed = computation.Partitions.ToHashSet();
            foreach (var wish in _wishes.Values)
            {
                if (wish.Partitions is null || wish.Partitions.Any(failed.Contains))
                {
                    wish.Failure ??= failure;
                }
            }
        }

        _signal.Raise();
        StartMissing();
    }

    /// <summary>Wishes may have come for what was just cancelled, or blocks may have been lost meanwhile.</summary>
    private async void StartMissing()
    {
        foreach (var wish in _wishes.Values.ToArray())
        {
            if (PhaseOf(wish) == RddPhase.Pending)
            {
                try
                {
                    Start(await plans.SkeletonAsync(wish.Request.Plan), wish.Request);
                }
                catch (Exception e)
                {
                    wish.Failure = new StageFailure.Broken(null, TaskFailure.Of(e));
                    _signal.Raise();
                }
            }
        }
    }

    private void StopSilentWishes()
    {
        foreach (var (requester, wish) in _wishes)
        {
            if (time.GetElapsedTime(wish.Asked) > s_silence)
            {
                _wishes.Remove(requester);
            }
        }

        StopUnwanted();
    }

    /// <summary>A computation goes on while anybody wants any part of it.</summary>
    private void StopUnwanted()
    {
        foreach (var computation in _inFlight.Values.Distinct().ToArray())
        {
            if (!_wishes.Values.Any(w => w.Partitions is null || w.Partitions.Any(p => _inFlight.GetValueOrDefault(p) == computation)))
            {
                computation.Run.Stop();
            }
        }
    }

    private RddPhase PhaseOf(Wish wish)
    {
        if (wish.Failure is not null)
        {
            return RddPhase.Failed;
        }

        return wish.IsGranted(_table!) && !wish.Wants(_copying) ? RddPhase.Ready : RddPhase.Pending;
    }

    /// <summary>A granted or failed wish ends with the reply that says so.</summary>
    private RddStatus StatusOf(RequesterId requester)
    {
        if (!_wishes.TryGetValue(requester, out var wish))
        {
            return RddStatus.Unknown;
        }

        var phase = PhaseOf(wish);
        if (phase != RddPhase.Pending)
        {
            _wishes.Remove(requester);
        }

        return new RddStatus(phase, _signal.Version, phase == RddPhase.Ready && wish.Partitions is null ? _table!.Content : null, wish.Failure, [.. _stages.Values]);
    }

    private StageSpec StageOf(PlanSkeleton skeleton, EnsureRequest request) =>
        StageSpec.Of(request.Job, request.Context, request.Plan, skeleton, request.Node, _lineage, request.Policy);

    private StageState StateOf(SkeletonNode node) => new(_lineage, node.StageId, node.Name ?? node.Operator, _table!.Computed, _table.Count, _servedJob, _traffic);

    private sealed class Wish(EnsureRequest request, long asked)
    {
        private int _next;

        public EnsureRequest Request => request;

        public int[]? Partitions => request.Partitions;

        public long Asked { get; set; } = asked;

        public StageFailure? Failure { get; set; }

        public bool Wants(HashSet<int> some) => some.Count > 0 && (Partitions is null || Partitions.Any(some.Contains));

        /// <summary>Asked after every report: so it goes on where it last found something missing, and looks at all once at the end.</summary>
        public bool IsGranted(BlockTable table)
        {
            if (Partitions is null)
            {
                return table.Computed == table.Count;
            }

            while (_next < Partitions.Length && table.Has(Partitions[_next]))
            {
                _next++;
            }

            if (_next < Partitions.Length)
            {
                return false;
            }

            _next = 0;
            return Array.TrueForAll(Partitions, table.Has);
        }
    }

    private sealed class Computation(StageRun run, int[] partitions)
    {
        public StageRun Run => run;

        public int[] Partitions => partitions;
    }
}
