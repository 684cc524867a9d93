using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Hosting;
using MicroSpark.Model;
using MicroSpark.Slots;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Tests.Cluster;

public sealed class ClusterViewTests
{
    private static readonly SiloAddress[] s_silos = [Silo(1), Silo(2)];
    private readonly ManualTime _time = new();

    /// <summary>A busy machine may need longer than the view's patience before a new silo can be called. It was no worker for ever then.</summary>
    [Fact]
    public async Task A_silo_that_is_slow_to_describe_itself_is_a_worker_from_then_on()
    {
        var workers = s_silos.ToDictionary(WorkerIds.Of, silo => new FakeWorker(WorkerIds.Of(silo), _time));
        var view = new ClusterView(new Members(), Grains.Of(workers), _time, BackgroundWork.Pool, NullLogger<ClusterView>.Instance);
        var slow = workers.Keys.Last();
        workers[slow].Refuses = true;
        Assert.Equal(workers.Keys.SkipLast(1), await LiveAsync(view));
        Assert.Equal(workers.Keys.SkipLast(1), await LiveAsync(view));

        var changed = view.ChangedAsync(view.Version, TimeSpan.FromDays(1));
        Assert.False(changed.IsCompleted);
        workers[slow].Refuses = false;
        await _time.PassAsync(changed);
        Assert.Equal(workers.Keys, await LiveAsync(view));
    }

    /// <summary>A worker that has a task which does not end says so, and again when it has ended.</summary>
    [Fact]
    public async Task What_a_worker_tells_of_itself_takes_the_place_of_what_was_known()
    {
        var workers = s_silos.ToDictionary(WorkerIds.Of, silo => new FakeWorker(WorkerIds.Of(silo), _time));
        var view = new ClusterView(new Members(), Grains.Of(workers), _time, BackgroundWork.Pool, NullLogger<ClusterView>.Instance);
        await LiveAsync(view);
        var before = view.Version;
        view.Meet(workers.Values.First().Describe() with { GivenUp = 2 });
        Assert.Equal(workers.Keys, await LiveAsync(view));
        Assert.Equal([2, 0], (await view.LiveAsync()).Select(static w => w.GivenUp));
        Assert.True(view.Version > before);
        view.Meet(workers.Values.First().Describe() with { Id = new WorkerId("a stranger") });
        Assert.Equal(2, (await view.LiveAsync()).Count);
    }

    /// <summary>
    /// A worker that leaves is no live one any more before it has ended. Nobody heard of its end then: who read from it waited for half a
    /// minute when it hung, and what it had reported meanwhile stayed as a place.
    /// </summary>
    [Fact]
    public async Task That_a_worker_which_left_has_ended_is_told()
    {
        var workers = s_silos.ToDictionary(WorkerIds.Of, silo => new FakeWorker(WorkerIds.Of(silo), _time));
        var members = new Members();
        var view = new ClusterView(members, Grains.Of(workers), _time, BackgroundWork.Pool, NullLogger<ClusterView>.Instance);
        await LiveAsync(view);
        var leaving = WorkerIds.Of(s_silos[1]);
        var told = new List<(bool Live, bool Dead)>();
        using var watch = view.OnChanged(() => told.Add((view.IsLive(leaving), view.IsDead(leaving))));
        members.Become(SiloStatus.ShuttingDown);
        Assert.Equal([WorkerIds.Of(s_silos[0])], await LiveAsync(view));
        members.Become(SiloStatus.Dead);
        Assert.Equal([WorkerIds.Of(s_silos[0])], await LiveAsync(view));
        Assert.Equal([(false, false), (false, true)], told);

        // The same set again is no news.
        members.Become(SiloStatus.Dead);
        await LiveAsync(view);
        Assert.Equal(2, told.Count);
    }

    /// <summary>What the view says once it waits for nobody any more.</summary>
    private async Task<IEnumerable<WorkerId>> LiveAsync(ClusterView view)
    {
        for (var turn = 0; turn < 1_000_000; turn++)
        {
            var live = view.LiveAsync();
            if (live.IsCompleted)
            {
                return (await live).Select(worker => worker.Id);
            }

            await _time.PassAsync(live.AsTask());
        }

        throw new TimeoutException("The view waits for ever.");
    }

    private static SiloAddress Silo(int port) => SiloAddress.New(IPAddress.Loopback, port, 1);

    private sealed class Members : IClusterMembershipService
    {
        public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = new(
            s_silos.ToImmutableDictionary(silo => silo, silo => new ClusterMember(silo, SiloStatus.Active, silo.ToString())), new MembershipVersion(1));

        /// <summary>The last silo is in another state from now on.</summary>
        public void Become(SiloStatus status) => CurrentSnapshot = new(
            CurrentSnapshot.Members.SetItem(s_silos[^1], new ClusterMember(s_silos[^1], status, s_silos[^1].ToString())),
            new MembershipVersion(CurrentSnapshot.Version.Value + 1));

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public ValueTask Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
    }

    /// <summary>Gives worker grains by their ids.</summary>
    public class Grains : DispatchProxy
    {
        private Dictionary<WorkerId, FakeWorker> _workers = [];

        internal static IGrainFactory Of(Dictionary<WorkerId, FakeWorker> workers)
        {
            var factory = Create<IGrainFactory, Grains>();
            ((Grains)(object)factory)._workers = workers;
            return factory;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _workers[new WorkerId((string)args![0]!)];
    }
}
