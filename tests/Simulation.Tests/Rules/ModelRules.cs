using MicroSpark.Errors;
using MicroSpark.Simulation.Rules;
using Orleans;
using Orleans.Runtime;

namespace MicroSpark.Tests.Rules;

/// <summary>What the rules are tried on: some silos, seen by one client.</summary>
internal interface ISilos
{
    IGrainFactory Grains { get; }

    TimeProvider Time { get; }

    /// <summary>The silos that live, as grains name them, and as keys of grains that live at one of them.</summary>
    IReadOnlyList<(string Name, string Key)> Living { get; }

    /// <summary>A process ends.</summary>
    Task KillAsync(string name);

    /// <summary>A process stops in order.</summary>
    Task StopAsync(string name);
}

/// <summary>
/// The rules of Orleans that the simulation's fabric keeps, as one suite that runs on both: so the model is Orleans' and not ours.
/// </summary>
public abstract class ModelRules
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private static int s_keys;

    [Fact]
    public void Arguments_and_results_are_copies() => Run(static async (silos, probe) =>
    {
        int[] items = [1, 2];
        var kept = await probe.KeepAsync(items).ConfigureAwait(false);
        Assert.Equal([1, 2], items);
        Assert.Equal([-1, 2], kept);
        (items[0], kept[0]) = (7, 8);
        Assert.Equal(-1, await probe.KeptAsync().ConfigureAwait(false));
    });

    [Fact]
    public void A_key_has_one_activation_whoever_calls() => Run(static async (silos, probe) =>
    {
        var key = probe.GetPrimaryKeyString();
        for (var call = 1; call <= 12; call++)
        {
            Assert.Equal(call, await silos.Grains.GetGrain<IProbeGrain>($"{key} relay {call}").RelayAsync(key).ConfigureAwait(false));
        }

        Assert.Equal(13, await probe.CountAsync().ConfigureAwait(false));
    });

    [Fact]
    public void A_call_begins_while_others_wait() => Run(static async (silos, probe) =>
    {
        var held = probe.HoldAsync();
        await probe.CountAsync().ConfigureAwait(false);
        Assert.False(held.IsCompleted);
        await probe.ReleaseAsync().ConfigureAwait(false);
        await held.ConfigureAwait(false);
    });

    [Fact]
    public void Turns_of_an_activation_run_one_at_a_time() => Run(static async (silos, probe) =>
    {
        var others = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => probe.TurnsAsync(200))).ConfigureAwait(false);
        Assert.Equal([0, 0, 0, 0], others);
    });

    [Fact]
    public void A_call_runs_to_its_end_when_its_caller_has_given_up() => Run(static async (silos, probe) =>
    {
        await Assert.ThrowsAsync<TimeoutException>(() => probe.TakeLongAsync(TimeSpan.FromSeconds(3))).ConfigureAwait(false);
        Assert.Equal(0, await probe.TakenAsync().ConfigureAwait(false));
        await UntilAsync(silos, async () => await probe.TakenAsync().ConfigureAwait(false) == 1).ConfigureAwait(false);
    });

    [Fact]
    public void An_exception_comes_home() => Run(static async (silos, probe) =>
        Assert.Equal("as told", (await Assert.ThrowsAsync<InvalidOperationException>(() => probe.ThrowAsync("as told")).ConfigureAwait(false)).Message));

    [Fact]
    public void A_timer_runs_as_long_as_its_activation() => Run(static async (silos, probe) =>
    {
        await probe.TickAsync(TimeSpan.FromMilliseconds(50)).ConfigureAwait(false);
        await UntilAsync(silos, async () => await probe.TicksAsync().ConfigureAwait(false) >= 3).ConfigureAwait(false);
        await probe.GoAsync().ConfigureAwait(false);
        await UntilAsync(silos, async () => await probe.TicksAsync().ConfigureAwait(false) == 0).ConfigureAwait(false);
    });

    /// <summary>Of a client's call: it hears of no death, and waits as long as for any answer.</summary>
    [Fact]
    public void What_is_open_at_a_silo_that_dies_times_out_and_later_calls_find_a_successor() => Run(static async (silos, probe) =>
    {
        Assert.Equal(1, await probe.CountAsync().ConfigureAwait(false));
        var at = await probe.WhereAsync().ConfigureAwait(false);
        var open = probe.HoldAsync();
        await UntilAsync(silos, async () => await probe.HeldAsync().ConfigureAwait(false) == 1).ConfigureAwait(false);
        await silos.KillAsync(at).ConfigureAwait(false);
        await Assert.ThrowsAsync<TimeoutException>(() => open).ConfigureAwait(false);
        Assert.NotEqual(at, await PatientlyAsync(silos, probe.WhereAsync).ConfigureAwait(false));
        Assert.Equal(1, await PatientlyAsync(silos, probe.CountAsync).ConfigureAwait(false));
    });

    /// <summary>Nobody waits for what is open there: calls that come find a successor.</summary>
    [Fact]
    public void A_silo_that_leaves_lets_its_activations_go() => Run(static async (silos, probe) =>
    {
        Assert.Equal(1, await probe.CountAsync().ConfigureAwait(false));
        var at = await probe.WhereAsync().ConfigureAwait(false);
        await silos.StopAsync(at).ConfigureAwait(false);
        Assert.NotEqual(at, await PatientlyAsync(silos, probe.WhereAsync).ConfigureAwait(false));
        Assert.Equal(1, await PatientlyAsync(silos, probe.CountAsync).ConfigureAwait(false));
    });

    [Fact]
    public void A_grain_of_a_silo_lives_there_or_nowhere() => Run(static async (silos, probe) =>
    {
        foreach (var (name, key) in silos.Living)
        {
            Assert.Equal(name, await silos.Grains.GetGrain<IAtSiloGrain>(key).WhereAsync().ConfigureAwait(false));
        }

        var (dies, itsKey) = silos.Living[^1];
        await silos.KillAsync(dies).ConfigureAwait(false);
        Exception? error = null;
        for (var began = silos.Time.GetTimestamp(); error is not SiloUnavailableException && silos.Time.GetElapsedTime(began) < 60 * s_second;)
        {
            error = await Record.ExceptionAsync(() => silos.Grains.GetGrain<IAtSiloGrain>(itsKey).WhereAsync()).ConfigureAwait(false);
            await silos.Time.PauseAsync(s_moment, CancellationToken.None).ConfigureAwait(false);
        }

        Assert.IsType<SiloUnavailableException>(error);
    });

    /// <summary>Runs a rule with a probe of its own.</summary>
    private protected abstract void Run(Func<ISilos, Task> rule);

    private void Run(Func<ISilos, IProbeGrain, Task> rule) =>
        Run(silos => rule(silos, silos.Grains.GetGrain<IProbeGrain>($"{GetType().Name} {Interlocked.Increment(ref s_keys)}")));

    /// <summary>Asks again and again until something holds.</summary>
    private static async Task UntilAsync(ISilos silos, Func<Task<bool>> holds)
    {
        for (var began = silos.Time.GetTimestamp(); !await holds().ConfigureAwait(false);)
        {
            Assert.True(silos.Time.GetElapsedTime(began) < 60 * s_second, "It does not come to hold.");
            await silos.Time.PauseAsync(s_moment, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>While a death spreads, calls fail.</summary>
    private static async Task<R> PatientlyAsync<R>(ISilos silos, Func<Task<R>> call)
    {
        for (var began = silos.Time.GetTimestamp(); ; await silos.Time.PauseAsync(s_moment, CancellationToken.None).ConfigureAwait(false))
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (Exception e) when (e is OrleansException or TimeoutException && silos.Time.GetElapsedTime(began) < 60 * s_second)
            {
                // Once more.
            }
        }
    }
}
