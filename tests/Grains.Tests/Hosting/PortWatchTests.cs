using System.Collections.Immutable;
using System.Net;
using MicroSpark.Grains.Hosting;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Tests.Hosting;

public sealed class PortWatchTests
{
    private static readonly SiloAddress s_own = Silo(20);
    private readonly ManualTime _time = new();
    private readonly Dictionary<int, PortState> _ports = [];
    private readonly Members _members = new();

    [Fact]
    public async Task Who_refuses_twice_is_dead_and_who_is_silent_is_not()
    {
        Add(Silo(1), PortState.Refuses);
        Add(Silo(2), PortState.Silent);
        Add(Silo(30), PortState.Open);
        await RoundAsync();
        Assert.Equal([Silo(1)], _members.Killed);
    }

    [Fact]
    public async Task Three_that_end_at_once_are_found_by_the_one_that_is_left()
    {
        Add(Silo(10), PortState.Refuses);
        Add(Silo(30), PortState.Refuses);
        Add(Silo(40), PortState.Refuses);
        await RoundAsync();
        Assert.Equal([Silo(10), Silo(30), Silo(40)], _members.Killed.OrderBy(static silo => silo.Endpoint.Port));
    }

    /// <summary>What refuses there may be a firewall.</summary>
    [Fact]
    public async Task Another_address_is_not_looked_at()
    {
        Add(SiloAddress.New(IPAddress.Parse("127.0.0.2"), 30, 1), PortState.Refuses);
        Add(Silo(40), PortState.Refuses);
        await RoundAsync();
        Assert.Equal([Silo(40)], _members.Killed);
    }

    /// <summary>Then connections go another way, and a port says nothing; or this silo is about to end.</summary>
    [Fact]
    public async Task Who_cannot_be_connected_to_himself_judges_nobody()
    {
        Add(Silo(30), PortState.Refuses);
        _ports[20] = PortState.Refuses;
        await RoundAsync();
        Assert.Empty(_members.Killed);
    }

    [Fact]
    public async Task Who_leaves_or_has_been_judged_is_left_alone()
    {
        Add(Silo(30), PortState.Refuses, SiloStatus.ShuttingDown);
        Add(Silo(40), PortState.Refuses, SiloStatus.Dead);
        await RoundAsync();
        Assert.Empty(_members.Killed);
    }

    /// <summary>A port that refused once, and then no more, had a queue that was full, or another owner.</summary>
    [Fact]
    public async Task Once_is_not_enough()
    {
        Add(Silo(30), PortState.Refuses);
        var watch = Watch();
        var round = watch.RoundAsync();
        _ports[30] = PortState.Open;
        await _time.PassAsync(round);
        Assert.Empty(_members.Killed);
    }

    [Fact]
    public async Task Each_watches_the_next_ones_around_to_itself()
    {
        var looked = new List<int>();
        foreach (var port in new[] { 1, 2, 3, 30 })
        {
            Add(Silo(port), PortState.Open);
        }

        await new PortWatch(new Details(), _members, _time, NullLogger<PortWatch>.Instance)
        {
            Look = port =>
            {
                looked.Add(port.Port);
                return Task.FromResult(PortState.Open);
            },
        }.RoundAsync();
        Assert.Equal([30, 1, 2], looked);
    }

    private static SiloAddress Silo(int port) => SiloAddress.New(IPAddress.Loopback, port, 1);

    private void Add(SiloAddress silo, PortState port, SiloStatus status = SiloStatus.Active)
    {
        _ports[silo.Endpoint.Port] = port;
        _members.Set(silo, status);
    }

    private PortWatch Watch()
    {
        _ports.TryAdd(20, PortState.Open);
        return new(new Details(), _members, _time, NullLogger<PortWatch>.Instance) { Look = port => Task.FromResult(_ports[port.Port]) };
    }

    private Task RoundAsync() => _time.PassAsync(Watch().RoundAsync());

    private sealed class Details : ILocalSiloDetails
    {
        public string Name => "own";

        public string ClusterId => "c";

        public string DnsHostName => "h";

        public SiloAddress SiloAddress => s_own;

        public SiloAddress GatewayAddress => s_own;
    }

    private sealed class Members : IClusterMembershipService
    {
        public List<SiloAddress> Killed { get; } = [];

        public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = new(
            ImmutableDictionary<SiloAddress, ClusterMember>.Empty.Add(s_own, new ClusterMember(s_own, SiloStatus.Active, "own")), new MembershipVersion(1));

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public void Set(SiloAddress silo, SiloStatus status) => CurrentSnapshot = new(
            CurrentSnapshot.Members.SetItem(silo, new ClusterMember(silo, status, silo.ToString())), new MembershipVersion(CurrentSnapshot.Version.Value + 1));

        public ValueTask Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> TryKill(SiloAddress siloAddress)
        {
            lock (Killed)
            {
                Killed.Add(siloAddress);
                Set(siloAddress, SiloStatus.Dead);
            }

            return Task.FromResult(true);
        }
    }
}
