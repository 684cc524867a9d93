using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Stages;
using MicroSpark.Tasks;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Partitions;

/// <inheritdoc />
[Reentrant, Orleans.Placement.PreferLocalPlacement]
internal sealed class PartitionGrain(IWorkerPool pool, SiloEvents events, DeathBook deaths, TimeProvider time) : Grain, IPartitionGrain
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    private readonly Dictionary<int, Flight> _flights = [];
    private readonly Dictionary<BatchId, Ticket> _tickets = [];
    private bool _watching;
    private bool _gone;

    public Task<ReportPage> RunAsync(ShareRequest request)
    {
        if (!_tickets.TryGetValue(request.Ticket, out var ticket))
        {
            var partitions = request.Partitions.ToArray();
            ticket = new Ticket(new ReportLog(partitions.Length, time));
            _tickets.Add(request.Ticket, ticket);
            Start(request, partitions, ticket);
            WatchAsync().Forget();
        }

        return ReadAsync(request.Ticket, ticket, 0);
    }

    public Task<ReportPage> NextAsync(BatchId ticket, int seen)
    {
        if (_tickets.TryGetValue(ticket, out var known))
        {
            return ReadAsync(ticket, known, seen);
        }

        DeactivateWhenIdle();
        return Task.FromResult(ReportPage.None);
    }

    public Task ShareAsync(BatchId ticket, JobStake[] jobs)
    {
        if (_tickets.TryGetValue(ticket, out var known))
        {
            foreach (var runner in _flights.Values.Where(f => f.Tickets.Contains(known)).Select(static f => f.Runner).Distinct())
            {
                runner.Share(jobs);
            }
        }

        DeactivateWhenIdle();
        return Task.CompletedTask;
    }

    public Task CancelAsync(BatchId ticket)
    {
        Cancel(ticket);
        return Task.CompletedTask;
    }

    private async Task<ReportPage> ReadAsync(BatchId id, Ticket ticket, int seen)
    {
        var page = await ticket.Log.ReadAsync(seen, Slices.Longest);
        if (page.Finished)
        {
            _tickets.Remove(id);
            DeactivateWhenIdle();
        }

        return page;
    }

    private void Start(ShareRequest request, PlacedPartition[] partitions, Ticket ticket)
    {
        var runner = WorkerTaskSet.Of(request.Stage, pool, events, time, deaths);
        var fresh = new List<PlacedPartition>(partitions.Length);
        foreach (var placed in partitions)
        {
            if (!_flights.TryGetValue(placed.Partition, out var flight))
            {
                flight = new Flight(runner);
                _flights.Add(placed.Partition, flight);
                fresh.Add(placed);
            }

            flight.Tickets.Add(ticket);
        }

        RunAsync(runner, fresh, request.Inputs).Forget();
    }

    private async Task RunAsync(IWorkerTaskSet runner, List<PlacedPartition> fresh, InputVersion[] inputs)
    {
        try
        {
            await runner.RunAsync(fresh, inputs, Land);
        }
        catch (Exception e)
        {
            // Nobody awaits this method: what goes wrong here has to end the tasks.
            var failure = TaskFailure.Of(e, canRetry: false);
            foreach (var placed in fresh.Where(p => _flights.TryGetValue(p.Partition, out var flight) && flight.Runner == runner))
            {
                Land(TaskReport.Failed(placed.Partition, null, failure, 1));
            }
        }
    }

    private void Land(TaskReport report)
    {
        if (_flights.Remove(report.Partition, out var flight))
        {
            foreach (var ticket in flight.Tickets)
            {
                ticket.Log.Add(report);
            }
        }
    }

    private void Cancel(BatchId id)
    {
        if (!_tickets.Remove(id, out var ticket))
        {
            // The call made the activation, since the one that it was for has gone.
            DeactivateWhenIdle();
            return;
        }

        foreach (var (partition, flight) in _flights.ToArray())
        {
            if (flight.Tickets.Remove(ticket) && flight.Tickets.Count == 0)
            {
                // Reported as cancelled to nobody, which lands it.
                flight.Runner.Cancel(partition);
            }
        }

        DeactivateWhenIdle();
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // A watch that is still asleep may not touch what Orleans has let go of: nobody would catch what it throws.
        _gone = true;

        // Orleans lets grains go that are at work too: all whose place was written down at a silo that leaves. Whoever waits begins anew at
        // the successor, which knows of no task. What went on here could be cancelled by nobody, and kept its slots from those who can be.
        var flights = _flights.Values.ToArray();
        _flights.Clear();
        _tickets.Clear();
        foreach (var runner in flights.Select(static f => f.Runner).Distinct())
        {
            runner.Stop();
        }

        return Task.CompletedTask;
    }

    private void DeactivateWhenIdle()
    {
        if (!_gone && _flights.Count == 0 && _tickets.Count == 0)
        {
            DeactivateOnIdle();
        }
    }

    /// <summary>An owner that goes silent has died; its successor takes a ticket of its own, and joins what is in flight.</summary>
    private async Task WatchAsync()
    {
        if (_watching)
        {
            return;
        }

        _watching = true;
        while (_tickets.Count > 0 && !_gone)
        {
            await Task.Delay(Slices.Longest, time);
            foreach (var (id, ticket) in _tickets.ToArray())
            {
                if (ticket.Log.Unasked > s_silence)
                {
                    Cancel(id);
                }
            }
        }

        _watching = false;
    }

    private sealed class Ticket(ReportLog log)
    {
        public ReportLog Log => log;
    }

    private sealed class Flight(IWorkerTaskSet runner)
    {
        public IWorkerTaskSet Runner => runner;

        public List<Ticket> Tickets { get; } = [];
    }
}
