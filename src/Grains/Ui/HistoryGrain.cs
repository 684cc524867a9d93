using System.Runtime.InteropServices;
using MicroSpark.Engine;
using MicroSpark.Grains.Archive;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.History;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using Orleans.Concurrency;
using Orleans.GrainDirectory;

namespace MicroSpark.Grains.Ui;

/// <inheritdoc />
/// <remarks>A thin shell over what its silo remembers.</remarks>
[OnItsSilo, GrainDirectory(OnItsSiloDirectory.Name), Reentrant]
internal sealed class HistoryGrain(
    WorkerEngine engine, SiloEvents events, LeaseTable leases, IWorkerIdentity identity, UiServer page, JobArchive archive,
    AuditLog audit, TimeProvider time)
    : Grain, IHistoryGrain
{
    public Task<Pulse> PulseAsync(int seconds, long version)
    {
        var now = time.GetUtcNow();
        var (newest, jobs) = events.Jobs.Since(version);
        var collections = GC.GetGCMemoryInfo(GCKind.Any);
        var sums = events.History.Seconds(now.UtcTicks, Math.Clamp(seconds, 1, SecondSums.Length));
        return Task.FromResult(new Pulse(
            identity.Describe(engine), collections.HeapSizeBytes, collections.PauseTimePercentage, engine.Memory.Working,
            now.ToUnixTimeSeconds(),
            Array.ConvertAll(sums, static sum => new PulseSecond(
                sum.Busy / (double)TimeSpan.TicksPerSecond, sum.Tasks, sum.Failed, sum.Input, sum.Shuffled, sum.Spilled, sum.Remote)),
            jobs, newest));
    }

    public Task<LogPage?> LogAsync(JobId job, long from) => Task.FromResult(archive.Read(job, from));

    public Task<HistoryPage> HistoryAsync(JobId job, long from, long since)
    {
        var read = events.History.Read(job, from, time.GetUtcNow().UtcTicks, since);
        var known = events.Jobs.Find(job);
        return Task.FromResult(new HistoryPage(
            engine.Id, read.Next, read.More, read.Stages, Bytes(read.Rows), Bytes(read.Running), events.Troubles.FailuresOf(job),
            events.Troubles.NotesOf(job), known?.Summary,
            from == 0 || known?.Summary?.Phase == JobPhase.Running ? known?.Stages ?? [] : [], events.Troubles.KeysOf(job)));
    }

    public Task<HeldRdd[]> HeldAsync() => Task.FromResult<HeldRdd[]>(
        [.. leases.Persisted().Select(stage => new HeldRdd(stage.Output, leases.HoldersOf(stage.Output)))]);

    public Task<WorkerLine[]> LinesAsync() => Task.FromResult(events.Logs?.Newest() ?? []);

    public Task<string?> InviteAsync(bool control, Rights? role = null)
    {
        var caller = Principal.Present;
        if (role is { } asked && !caller.May(asked))
        {
            audit.Denied(caller.Name, null, $"invite to the page with the rights {asked}");
            throw new UnauthorizedAccessException(
                $"{caller.Name} may make links to the page for the role that it has and for lower ones. It has the rights "
                + $"{caller.Rights}.");
        }

        var viewer = Viewer.Of(caller, control);
        return Task.FromResult(page.Invite(role is { } less ? viewer.LimitedTo(less) : viewer));
    }

    private static byte[] Bytes(List<TaskRow> rows) => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(rows)).ToArray();
}
