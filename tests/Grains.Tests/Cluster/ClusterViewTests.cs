using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Hosting;
using MicroSpark.Model;
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
        var view = new ClusterView(new Members(), Grains.Of(workers), _time, NullLogger<ClusterView>.Instance);
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
        var view = new ClusterView(new Members(), Grains.Of(workers), _time, NullLogger<ClusterView>.Instance);
        await LiveAsync(view);
        var before = view.Version;
        view.Meet(workers.Values.First().Describe() with { GivenUp = 2 });
        Assert.Equal(workers.Keys, await LiveAsync(view));
        Assert.Equal([2, 0], (await view.LiveAsync()).Select(static w => w.GivenUp));
        Assert.True(view.Version > before);
        view.Meet(workers.Values.First().Describe() with { Id = new WorkerId("a stranger") });
        Assert.Equal(2, (await view.LiveAsync()).Count);
    }

    [Fact]
    public void A_silo_that_was_seen_to_stop_has_left_and_one_that_was_declared_dead_has_not()
    {
        var members = new Members();
        var view = new ClusterView(members, Grains.Of([]), _time, NullLogger<ClusterView>.Instance);
        var (first, second) = (WorkerIds.Of(s_silos[0]), WorkerIds.Of(s_silos[1]));
        Assert.True(view.IsLive(first));
        members.CurrentSnapshot = Members.Of(2, SiloStatus.ShuttingDown, SiloStatus.Active);
        Assert.False(view.IsLive(first));
        members.CurrentSnapshot = Members.Of(3, SiloStatus.Dead, SiloStatus.Dead);
        Assert.False(view.IsLive(second));
        Assert.True(view.HasLeft(first));
        Assert.False(view.HasLeft(second));
        members.CurrentSnapshot = Members.Of(4);
        Assert.False(view.IsLive(first));
        Assert.False(view.HasLeft(first));
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
        public ClusterMembershipSnapshot CurrentSnapshot { get; set; } = Of(1, SiloStatus.Active, SiloStatus.Active);

        /// <summary>So are the first silos.</summary>
        public static ClusterMembershipSnapshot Of(int version, params SiloStatus[] statuses) => new(
            s_silos.Zip(statuses).ToImmutableDictionary(p => p.First, p => new ClusterMember(p.First, p.Second, p.First.ToString())),
            new MembershipVersion(version));

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
