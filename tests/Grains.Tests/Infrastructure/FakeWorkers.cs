using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>Workers that do what a test says, without a cluster. Everything runs on the test's own scheduler.</summary>
internal sealed class FakeWorkers(TimeProvider time, params string[] names) : IWorkerPool
{
    private readonly Dictionary<WorkerId, FakeWorker> _workers = names.ToDictionary(n => new WorkerId(n), n => new FakeWorker(new WorkerId(n), time));
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly List<Action> _listeners = [];

    public FakeWorker this[string name] => _workers[new WorkerId(name)];

    public long Version { get; private set; }

    public bool Leaving => false;

    public WorkerId? Own { get; set; }

    public IReadOnlyList<WorkerId> Known => [.. _workers.Values.Where(w => w.Alive).Select(w => w.Id)];

    /// <summary>Those whose descriptions have not come yet.</summary>
    public HashSet<string> Undescribed { get; } = [];

    public ValueTask<IReadOnlyList<WorkerDescription>> LiveAsync() =>
        new([.. _workers.Values.Where(w => w.Alive && !Undescribed.Contains(w.Id.Value)).Select(w => w.Describe())]);

    public void Meet(WorkerDescription worker) => throw new NotSupportedException();

    public bool IsLive(WorkerId worker) => _workers.TryGetValue(worker, out var known) && known.Alive;

    public bool IsDead(WorkerId worker) => _workers.TryGetValue(worker, out var known) && !known.Alive;

    public IWorkerGrain Get(WorkerId worker) => _workers[worker];

    public Task ChangedAsync(long seen, TimeSpan slice) => Version > seen ? Task.CompletedTask : _changed.Task.WithinAsync(slice, time);

    public IDisposable OnChanged(Action changed)
    {
        _listeners.Add(changed);
        return new Subscription(() => _listeners.Remove(changed));
    }

    public void Kill(string name)
    {
        this[name].Die();
        Changed();
    }

    /// <param name="refuses">Whether nobody can call it yet.</param>
    public void Add(string name, bool refuses = false)
    {
        _workers.Add(new WorkerId(name), new FakeWorker(new WorkerId(name), time) { RefusesConnections = refuses });
        Changed();
    }

    private void Changed()
    {
        Version++;
        var changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
        _listeners.ForEach(static changed => changed());
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
