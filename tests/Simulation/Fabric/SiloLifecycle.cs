using Orleans;
using Orleans.Runtime;

namespace MicroSpark.Simulation.Fabric;

/// <summary>Starts and stops a silo's services by stages, as Orleans does.</summary>
internal sealed class SiloLifecycle : ISiloLifecycle
{
    private readonly List<(int Stage, ILifecycleObserver Observer)> _observers = [];

    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        _observers.Add((stage, observer));
        return new Nothing();
    }

    public async Task StartAsync()
    {
        foreach (var stage in _observers.GroupBy(static o => o.Stage).OrderBy(static s => s.Key))
        {
            await Task.WhenAll(stage.Select(static o => o.Observer.OnStart(CancellationToken.None)));
            HighestCompletedStage = stage.Key;
        }
    }

    public async Task StopAsync()
    {
        foreach (var stage in _observers.GroupBy(static o => o.Stage).OrderByDescending(static s => s.Key))
        {
            await Task.WhenAll(stage.Select(static o => o.Observer.OnStop(CancellationToken.None)));
            LowestStoppedStage = stage.Key;
        }
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
