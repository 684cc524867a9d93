using MicroSpark.Errors;
using MicroSpark.Grains.Contracts;
using Orleans;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;
using Orleans.Runtime;

namespace MicroSpark.Simulation.Rules;

/// <summary>A grain for the rules of the model: it runs on the fabric and on Orleans alike.</summary>
[Alias("simulation.IProbeGrain")]
internal interface IProbeGrain : IGrainWithStringKey
{
    /// <summary>The silo of the activation.</summary>
    [Alias("Where")]
    Task<string> WhereAsync();

    /// <summary>How often this was called of the activation.</summary>
    [Alias("Count")]
    Task<int> CountAsync();

    /// <summary>Keeps the items, changes the first one, and returns what it keeps.</summary>
    [Alias("Keep")]
    Task<int[]> KeepAsync(int[] items);

    /// <summary>The first of what it keeps.</summary>
    [Alias("Kept")]
    Task<int> KeptAsync();

    /// <summary>Waits until it is released.</summary>
    [Alias("Hold")]
    Task HoldAsync();

    /// <summary>How many wait so.</summary>
    [Alias("Held")]
    Task<int> HeldAsync();

    [Alias("Release")]
    Task ReleaseAsync();

    /// <summary>Takes its time.</summary>
    [Alias("Take")]
    Task TakeAsync(TimeSpan time);

    /// <summary>The same, for a caller that waits for a second.</summary>
    [Alias("TakeLong"), ResponseTimeout("00:00:01")]
    Task TakeLongAsync(TimeSpan time);

    /// <summary>How many that took their time have ended.</summary>
    [Alias("Taken")]
    Task<int> TakenAsync();

    /// <summary>Some turns; tells how many others were seen inside of one.</summary>
    [Alias("Turns")]
    Task<int> TurnsAsync(int turns);

    [Alias("Throw")]
    Task ThrowAsync(string message);

    /// <summary>Has another one count.</summary>
    [Alias("Relay")]
    Task<int> RelayAsync(string key);

    /// <summary>Wants to be let go when it is idle.</summary>
    [Alias("Go")]
    Task GoAsync();

    /// <summary>Counts ticks of a timer from now on.</summary>
    [Alias("Tick")]
    Task TickAsync(TimeSpan period);

    [Alias("Ticks")]
    Task<int> TicksAsync();
}

/// <summary>One that lives at the silo in its key, or nowhere.</summary>
[Alias("simulation.IAtSiloGrain")]
internal interface IAtSiloGrain : IGrainWithStringKey
{
    [Alias("Where")]
    Task<string> WhereAsync();
}

/// <inheritdoc />
[Reentrant, PreferLocalPlacement]
internal sealed class ProbeGrain(TimeProvider time) : Grain, IProbeGrain
{
    private readonly TaskCompletionSource _released = new();
    private int _count, _taken, _inside, _ticks, _held;
    private int[] _kept = [];

    public Task<string> WhereAsync() => Task.FromResult(RuntimeIdentity);

    public Task<int> CountAsync() => Task.FromResult(++_count);

    public Task<int[]> KeepAsync(int[] items)
    {
        _kept = items;
        _kept[0] = -1;
        return Task.FromResult(_kept);
    }

    public Task<int> KeptAsync() => Task.FromResult(_kept[0]);

    public Task HoldAsync()
    {
        _held++;
        return _released.Task;
    }

    public Task<int> HeldAsync() => Task.FromResult(_held);

    public Task ReleaseAsync()
    {
        _released.TrySetResult();
        return Task.CompletedTask;
    }

    public async Task TakeAsync(TimeSpan taken)
    {
        await time.PauseAsync(taken, CancellationToken.None);
        _taken++;
    }

    public Task TakeLongAsync(TimeSpan taken) => TakeAsync(taken);

    public Task<int> TakenAsync() => Task.FromResult(_taken);

    public async Task<int> TurnsAsync(int turns)
    {
        var others = 0;
        for (var turn = 0; turn < turns; turn++)
        {
            others += Interlocked.Increment(ref _inside) - 1;
            Thread.SpinWait(100);
            Interlocked.Decrement(ref _inside);
            await Task.Yield();
        }

        return others;
    }

    public Task ThrowAsync(string message) => throw new InvalidOperationException(message);

    public Task<int> RelayAsync(string key) => GrainFactory.GetGrain<IProbeGrain>(key).CountAsync();

    public Task GoAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task TickAsync(TimeSpan period)
    {
        this.RegisterGrainTimer(
            () =>
            {
                _ticks++;
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(period, period) { Interleave = true });
        return Task.CompletedTask;
    }

    public Task<int> TicksAsync() => Task.FromResult(_ticks);
}

/// <inheritdoc />
[OnItsSilo, GrainDirectory(OnItsSiloDirectory.Name), Reentrant]
internal sealed class AtSiloGrain : Grain, IAtSiloGrain
{
    public Task<string> WhereAsync() => Task.FromResult(RuntimeIdentity);
}
