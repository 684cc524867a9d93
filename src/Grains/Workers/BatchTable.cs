using System.Collections.Concurrent;
using MicroSpark.Engine;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Placement;
using MicroSpark.Model;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// The batches that run on one silo. Those of an owner whose silo is lost, or that is silent for 30 s, are stopped: their tasks would keep
/// the slots from the job's new owner, and what they were promised of the stage's window its tasks.
/// </summary>
internal sealed class BatchTable : IDisposable
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    /// <summary>How often to look; and how long a batch that is over waits for its last reply to be asked for again.</summary>
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<BatchId, RunningBatch> _batches = new();

    /// <summary>By output. A stage's owners share its window as long as one of their batches is known.</summary>
    private readonly Dictionary<LineageId, (StageWindow Window, int Batches)> _windows = [];
    private readonly WorkerEngine _engine;
    private readonly ReservationTable _reservations;
    private readonly IWorkerPool _pool;
    private readonly SiloEvents _events;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly IDisposable _watch;

    public BatchTable(WorkerEngine engine, ReservationTable reservations, IWorkerPool pool, SiloEvents events, TimeProvider time)
    {
        (_engine, _reservations, _pool, _events, _time) = (engine, reservations, pool, events, time);
        _sweep = time.Every(s_period, Sweep);
        _watch = pool.OnChanged(CloseLost);
    }

    /// <summary>Batches that are known: those that are over stay for some seconds.</summary>
    public int Count => _batches.Count;

    public Task<ReportPage> RunAsync(TaskBatch batch, TimeSpan slice)
    {
        if (!_batches.TryGetValue(batch.Id, out var running))
        {
            var kept = batch.Reservation is { } id ? _reservations.Use(id) : null;
            var fresh = new RunningBatch(batch, WindowOf(batch.Stage.Output), kept, _engine, _pool, _events, _time);
            running = _batches.GetOrAdd(batch.Id, fresh);
            if (ReferenceEquals(running, fresh))
            {
                running.Add(0, batch.Tasks, batch.Pending);
            }
            else
            {
                Leave(batch.Stage.Output);
            }
        }

        return running.ReadAsync(0, slice);
    }

    public Task<ReportPage> NextAsync(BatchPoll poll, TimeSpan slice)
    {
        if (!_batches.TryGetValue(poll.Batch, out var running))
        {
            return Task.FromResult(ReportPage.None);
        }

        running.Add(poll.Sent, poll.Tasks, poll.Pending);
        return running.ReadAsync(poll.Seen, slice);
    }

    public void Offer(BatchId batch, int pending)
    {
        if (_batches.TryGetValue(batch, out var running))
        {
            running.Offer(pending);
        }
    }

    public void Share(BatchId batch, JobStake[] jobs)
    {
        if (_batches.TryGetValue(batch, out var running))
        {
            running.Share(jobs);
        }
    }

    public void Cancel(BatchId batch, int[]? partitions)
    {
        if (_batches.TryGetValue(batch, out var running))
        {
            running.Cancel(partitions);
        }
    }

    public void TakeBack(BatchId batch, int most)
    {
        if (_batches.TryGetValue(batch, out var running))
        {
            running.TakeBack(most);
        }
    }

    /// <summary>Nobody wants a job's results any more: what still computes some stops.</summary>
    public void CancelResults(LineageId output)
    {
        foreach (var batch in _batches.Values.Where(b => b.MakesResults && b.Output == output))
        {
            batch.Cancel(null);
        }
    }

    public void Dispose()
    {
        _sweep.Dispose();
        _watch.Dispose();
        foreach (var batch in _batches.Values)
        {
            batch.Close();
        }
    }

    private void CloseLost()
    {
        CloseThose(batch => batch.Owner is { } owner && _pool.IsDead(owner));
        _reservations.ReleaseLost();
    }

    private void CloseThose(Func<RunningBatch, bool> over)
    {
        foreach (var known in _batches)
        {
            if (over(known.Value) && _batches.TryRemove(known))
            {
                known.Value.Close();
                Leave(known.Value.Output);
            }
        }
    }

    private void Sweep()
    {
        // One that leaves ends after the last change that anybody is told of; and calls of the lost may still arrive.
        CloseLost();
        CloseThose(static batch => batch.Log.Unasked > (batch.Log.Finished ? s_period : s_silence));

        _reservations.Sweep([.. _batches.Values.Select(static b => b.Reservation).OfType<BatchId>()]);
    }

    private StageWindow WindowOf(LineageId output)
    {
        lock (_windows)
        {
            var (window, batches) = _windows.GetValueOrDefault(output);
            window ??= new StageWindow(_engine.Slots, PlacementPolicy.FirstWindow(_engine.Slots), _time.TimestampFrequency);
            _windows[output] = (window, batches + 1);
            return window;
        }
    }

    private void Leave(LineageId output)
    {
        lock (_windows)
        {
            var (window, batches) = _windows[output];
            if (batches == 1)
            {
                _windows.Remove(output);
            }
            else
            {
                _windows[output] = (window, batches - 1);
            }
        }
    }
}
