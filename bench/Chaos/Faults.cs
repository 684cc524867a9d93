namespace MicroSpark.Bench.Chaos;

/// <summary>Does a fault to a cluster, and undoes it.</summary>
internal sealed class Faults(ChaosCluster cluster, ChaosFault fault, IReadOnlyList<ChaosWorker> victims)
{
    /// <summary>A worker that leaves gives its tasks time to end, and hands over what it keeps.</summary>
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_given = TimeSpan.FromSeconds(30);

    private Task _undone = Task.CompletedTask;

    public string Victims => fault.Kind == FaultKind.DatabaseDown
        ? FormattableString.Invariant($"for {fault.Lasts.TotalSeconds:0.0} s")
        : fault.Lasts > TimeSpan.Zero ? FormattableString.Invariant($"{string.Join(", ", victims)} for {fault.Lasts.TotalSeconds:0.0} s") : string.Join(", ", victims);

    /// <summary>Whether the fault is still there: more rounds can run under it.</summary>
    public bool GoesOn => fault.Kind == FaultKind.DatabaseDown && !_undone.IsCompleted;

    public async Task BeginAsync()
    {
        switch (fault.Kind)
        {
            case FaultKind.Kill or FaultKind.KillMany:
                foreach (var victim in victims)
                {
                    victim.Kill();
                }

                break;
            case FaultKind.FreezeShort or FaultKind.FreezeLong:
                victims[0].Freeze();
                _undone = ThawAsync(victims[0]);
                break;
            case FaultKind.Leave:
                victims[0].Terminate();
                break;
            case FaultKind.DatabaseDown:
                await cluster.Database.StopAsync();
                _undone = ResumeAsync();
                break;
            case FaultKind.DiskFull:
                victims[0].FillDisk();
                break;
        }
    }

    /// <summary>Waits for the end of what ends by itself, and makes good the rest.</summary>
    /// <returns>Null when the workers did as they should, else what they did.</returns>
    public async Task<string?> EndAsync()
    {
        await _undone;
        switch (fault.Kind)
        {
            case FaultKind.Leave:
                var left = await ExitAsync(victims[0], s_drain);
                return left == 0 ? null : $"{victims[0]} was told to leave and {Said(left)}";
            case FaultKind.FreezeLong:
                // One that the others gave up ends by itself. Had they not, it goes on.
                var gone = await ExitAsync(victims[0], s_given);
                victims[0].IsDoomed = gone is not null;
                return gone is null or 1 ? null : $"{victims[0]} was given up and {Said(gone)}";
            case FaultKind.DiskFull:
                victims[0].FreeDisk();
                return null;
            default:
                return null;
        }
    }

    private async Task ThawAsync(ChaosWorker victim)
    {
        await Task.Delay(fault.Lasts);
        victim.Thaw();
    }

    private async Task ResumeAsync()
    {
        await Task.Delay(fault.Lasts);
        await cluster.Database.ResumeAsync();
    }

    private static async Task<int?> ExitAsync(ChaosWorker worker, TimeSpan within)
    {
        var exit = worker.WaitForExitAsync();
        return await Task.WhenAny(exit, Task.Delay(within)) == exit ? await exit : null;
    }

    private static string Said(int? code) => code is null ? "did not end" : $"exited with {code}";
}
