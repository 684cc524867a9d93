using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Rdds;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Loop;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Simulation.Workloads;

/// <summary>
/// What must hold of each answer, whatever fails: laws that a program would not notice to be broken, since what comes of it is only late,
/// or computed twice.
/// </summary>
internal sealed class Laws(World world)
{
    /// <summary>A grain hears of a death in a turn of its own.</summary>
    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(SiloProcess Keeper, JobId Job), (bool Unwanted, RecordPoint Point)> _records = [];
    private readonly Dictionary<(SiloProcess Worker, BatchId Batch), Dictionary<AttemptId, int>> _attempts = [];
    private readonly Dictionary<(SiloProcess Worker, BatchId Batch), int> _sent = [];
    private readonly Dictionary<Call, AttemptId?[]> _before = [];
    private readonly HashSet<SiloProcess> _watched = [];

    /// <summary>Grains that have been asked for something; and of those that know nothing yet, what the workers held then.</summary>
    private readonly HashSet<RddGrain> _met = [];
    private readonly Dictionary<RddGrain, List<(SiloProcess At, BlockId Block)>> _held = [];

    /// <summary>Since when a silo has known of a death.</summary>
    private readonly Dictionary<(SiloProcess Silo, WorkerId Dead), TimeSpan> _dead = [];

    /// <summary>From now on they are looked at.</summary>
    public void Hold(Cluster cluster)
    {
        var attempts = new AttemptLaw(world);
        (cluster.Runs, cluster.Ran, cluster.Sends, cluster.Heard) = (Begin, Look, attempts.Sends, attempts.Heard);
    }

    /// <summary>A call begins at a silo.</summary>
    private void Begin(SiloProcess silo, Call call, object grain)
    {
        Watch(silo);
        if (grain is not RddGrain recipe)
        {
            return;
        }

        if (_met.Add(recipe))
        {
            _held[recipe] = HeldOf(silo, LineageId.Parse(call.Grain.Key.ToString()!));
        }

        if (recipe.Table is { } table && call.Request.GetMethodName() == nameof(IRddGrain.ReportLostAsync))
        {
            _before[call] = AttemptsOf(table);
        }
    }

    /// <summary>A call has ended at a silo.</summary>
    private void Look(SiloProcess silo, Call call, object grain, Response response)
    {
        if (grain is RddGrain { Table: { } known } asked && _held.Remove(asked, out var held) && Learnt(silo, call, known, held) is { } unknown)
        {
            world.Fail($"{call.Text} at {silo.Name}: {unknown}");
        }

        if (response.Exception is not null)
        {
            return;
        }

        var broken = (call.Request.GetMethodName(), call.Request.GetArgumentCount() > 0 ? call.Request.GetArgument(0) : null) switch
        {
            (nameof(IWorkerGrain.WriteRecordAsync), RecordWrite write) => Written(silo, write),
            (nameof(IWorkerGrain.RunBatchAsync), TaskBatch batch) => Reported(silo, batch.Id, (ReportPage)response.Result!, anew: true)
                ?? Counted(silo, batch.Id, batch.Tasks.Length, (ReportPage)response.Result!),
            (nameof(IWorkerGrain.NextAsync), BatchPoll poll) => Reported(silo, poll.Batch, (ReportPage)response.Result!, anew: false)
                ?? Counted(silo, poll.Batch, poll.Sent + poll.Tasks.Length, (ReportPage)response.Result!),
            (nameof(IRddGrain.LocateAsync), long least) => Located(least, (BlockMapPage?)response.Result),
            (nameof(IRddGrain.ReportLostAsync), BlockPart[] lost) => Lost(call, ((RddGrain)grain).Table, lost),
            _ => null,
        };
        broken ??= grain is RddGrain { Table: { } table } ? Placed(silo, table) : null;
        if (broken is not null)
        {
            world.Fail($"{call.Text} at {silo.Name}: {broken}");
        }
    }

    /// <summary>
    /// What a keeper has of a job is never replaced by what is older: the epoch rises, and within it the log gets longer. That nobody wants
    /// the job is not forgotten.
    /// </summary>
    private string? Written(SiloProcess keeper, RecordWrite write)
    {
        if (keeper.Services.GetRequiredService<RecordTable>().Read(write.Job, 0) is not { Record: var record })
        {
            return null;
        }

        var known = _records.GetValueOrDefault((keeper, write.Job));
        _records[(keeper, write.Job)] = (record.Unwanted, record.Point);
        return record.Point.CompareTo(known.Point) < 0 ? $"its record goes back from {known.Point} to {record.Point}."
            : known.Unwanted && !record.Unwanted ? "nobody wanted the job, and now somebody does."
            : null;
    }

    /// <summary>A worker runs an attempt once: of those that it reports, by their numbers, each is another one.</summary>
    /// <param name="anew">The batch may be one that was given up, and has come again.</param>
    private string? Reported(SiloProcess worker, BatchId batch, ReportPage page, bool anew)
    {
        if (page.Unknown || anew || !_attempts.TryGetValue((worker, batch), out var attempts))
        {
            _attempts[(worker, batch)] = attempts = [];
        }

        for (var i = 0; i < page.Reports.Length; i++)
        {
            if (!attempts.TryAdd(page.Reports[i].Attempt, page.First + i) && attempts[page.Reports[i].Attempt] != page.First + i)
            {
                return $"attempt {page.Reports[i].Attempt} at partition {page.Reports[i].Partition} has run twice.";
            }
        }

        return null;
    }

    /// <summary>A worker has no more tasks of a batch than were sent to it: those reported, those that run and those that wait.</summary>
    /// <param name="sent">With this call and before.</param>
    private string? Counted(SiloProcess worker, BatchId batch, int sent, ReportPage page)
    {
        sent = _sent[(worker, batch)] = Math.Max(sent, _sent.GetValueOrDefault((worker, batch)));
        var has = page.First + page.Reports.Length + page.Queued + (page.Running?.Length ?? 0);
        return page.Unknown || has <= sent ? null : $"{sent} tasks were sent to it, and it has {has}.";
    }

    /// <summary>Notes when a silo learns of a death.</summary>
    private void Watch(SiloProcess silo)
    {
        if (_watched.Add(silo))
        {
            silo.Services.GetRequiredService<IWorkerPool>().OnChanged(() => Learn(silo));
            Learn(silo);
        }
    }

    private void Learn(SiloProcess silo)
    {
        foreach (var dead in silo.Members.Dead)
        {
            _dead.TryAdd((silo, new WorkerId(dead.ToParsableString())), world.Now);
        }
    }

    /// <summary>A map is as new as its reader needs it.</summary>
    private static string? Located(long least, BlockMapPage? map) =>
        map is not null && map.Version < least ? $"version {map.Version} was given to a reader of {least}." : null;

    /// <summary>A block at a silo counts as lost from when it is known that the silo is dead.</summary>
    private string? Placed(SiloProcess silo, BlockTable table)
    {
        foreach (var worker in table.Holders())
        {
            if (_dead.TryGetValue((silo, worker), out var since) && world.Now - since > s_turn)
            {
                return $"{worker} counts as a place, and has been dead for long.";
            }
        }

        return null;
    }

    /// <summary>A report of blocks that were not found loses these alone: one of an earlier attempt says nothing of what came after.</summary>
    private string? Lost(Call call, BlockTable? table, BlockPart[] lost)
    {
        if (_before.Remove(call, out var before) && table is not null)
        {
            var after = AttemptsOf(table);
            for (var partition = 0; partition < before.Length; partition++)
            {
                if (before[partition] is { } had && after[partition] != had && !lost.Contains(new BlockPart(partition, had)))
                {
                    return $"partition {partition} is lost, and nobody has missed its attempt {had}.";
                }
            }
        }

        return null;
    }

    /// <summary>A grain that is activated anew learns of all that live workers hold, however often a question is lost.</summary>
    /// <param name="held">What they held when it was asked for the first time.</param>
    private static string? Learnt(SiloProcess silo, Call call, BlockTable table, List<(SiloProcess At, BlockId Block)> held)
    {
        // These drop blocks, or are told of their loss.
        if (call.Request.GetMethodName() is nameof(IRddGrain.UnpersistAsync) or nameof(IRddGrain.LeaveAsync) or nameof(IRddGrain.ReportLostAsync))
        {
            return null;
        }

        foreach (var (at, block) in held)
        {
            if (at.Runs && silo.Members.IsActive(at.Address) && at.Engine.Stores.Blocks.TryGet(block, out _)
                && block.Partition < table.Count && table[block.Partition] is not PartitionState.Held)
            {
                return $"{at.Name} holds partition {block.Partition}, and the grain that has asked all of them does not know it.";
            }
        }

        return null;
    }

    private static List<(SiloProcess At, BlockId Block)> HeldOf(SiloProcess silo, LineageId lineage) =>
    [
        .. silo.Cluster.Living.Where(s => silo.Members.IsActive(s.Address)).SelectMany(s => s.Engine.Stores.Blocks.Of(lineage)
            .Where(static held => held.Block is not UnkeptBlock).Select(held => (s, new BlockId(lineage, held.Part.Partition, held.Part.Attempt)))),
    ];

    private static AttemptId?[] AttemptsOf(BlockTable table) =>
        [.. Enumerable.Range(0, table.Count).Select(partition => (table[partition] as PartitionState.Held)?.Block.Attempt)];
}
