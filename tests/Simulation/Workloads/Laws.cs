using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Loop;
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
    private readonly Dictionary<(SiloProcess Silo, WorkerId Dead), TimeSpan> _dead = [];

    /// <summary>A call has ended at a silo.</summary>
    public void Look(SiloProcess silo, Call call, Response response)
    {
        if (response.Exception is not null)
        {
            return;
        }

        var broken = (call.Request.GetMethodName(), call.Request.GetArgumentCount() > 0 ? call.Request.GetArgument(0) : null) switch
        {
            (nameof(IWorkerGrain.WriteRecordAsync), RecordWrite write) => Written(silo, write),
            (nameof(IWorkerGrain.RunBatchAsync), TaskBatch batch) => Reported(silo, batch.Id, (ReportPage)response.Result!, anew: true),
            (nameof(IWorkerGrain.NextAsync), BatchPoll poll) => Reported(silo, poll.Batch, (ReportPage)response.Result!, anew: false),
            (nameof(IRddGrain.LocateAsync), long least) => Located(silo, least, (BlockMapPage?)response.Result),
            _ => null,
        };
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

    /// <summary>A map is as new as its reader needs it, and names no worker of which the grain's silo knows that it is dead.</summary>
    private string? Located(SiloProcess silo, long least, BlockMapPage? map)
    {
        if (map is null)
        {
            return null;
        }

        var pool = silo.Services.GetRequiredService<IWorkerPool>();
        foreach (var worker in map.WorkerOf.Where(static w => w >= 0).Distinct().Select(w => map.Workers[w]))
        {
            if (pool.IsDead(worker) && world.Now - (_dead.TryGetValue((silo, worker), out var since) ? since : _dead[(silo, worker)] = world.Now) > s_turn)
            {
                return $"{worker} is named as a place, and has been dead for long.";
            }
        }

        return map.Version < least ? $"version {map.Version} was given to a reader of {least}." : null;
    }
}
