using MicroSpark.Driver.Clusters;
using MicroSpark.Driver.Jobs;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Loop;
using MicroSpark.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace MicroSpark.Simulation.Clients;

/// <summary>
/// A program's process: the real runner of jobs, connected to the cluster through one silo at a time. It runs under no scheduler, as a
/// console program does: its awaits, which say that they may go on anywhere, go on where their call ends, and that is in the loop.
/// </summary>
internal sealed class Client : Node, ICluster
{
    private static readonly TimeSpan s_gatewayRefresh = TimeSpan.FromSeconds(5);

    private readonly Cluster _cluster;
    private readonly Lane _lane;
    private readonly References _references;
    private readonly List<SiloProcess> _gateways = [];
    private TimeSpan _looked = -s_gatewayRefresh - TimeSpan.FromSeconds(1);

    public Client(Cluster cluster, string name)
        : base(cluster.World, name)
    {
        _cluster = cluster;
        _lane = NewLane("program");
        _references = new References(Send);
        Transport = new DataPlane(cluster);
        Runner = new ClusterJobRunner(this, new MicroSparkOptions { Fused = false, ApplicationName = name }, () => cluster.Slots, Time);
    }

    public ClusterJobRunner Runner { get; }

    public IGrainFactory Grains => _references;

    public IBlockTransport Transport { get; }

    public ILoggerFactory Logs => NullLoggerFactory.Instance;

    public bool SharesMemory => false;

    public int MaxTaskFailures => 4;

    public TimeSpan Slice { get; } = TimeSpan.FromSeconds(2);

    public override void Call(Action callback) => _lane.Post(callback);

    /// <summary>Runs a program in this process. What it throws ends the world.</summary>
    public void Run(Func<Task> program) => _lane.Post(() => _ = RunAsync(program));

    public async Task<IReadOnlyList<WorkerId>> WorkersAsync(CancellationToken cancellationToken, Silence? silence = null)
    {
        var workers = await Repeat.Async(() => Grains.GetGrain<IClusterGrain>(0).WorkersAsync(), Time, cancellationToken, silence)
            .ConfigureAwait(false);
        return Array.ConvertAll(workers, static w => w.Id);
    }

    public Task<int> CountSlotsAsync(CancellationToken cancellationToken) => Task.FromResult(_cluster.Slots);

    public ValueTask DisposeAsync() => default;

    private async Task RunAsync(Func<Task> program)
    {
        try
        {
            await program().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            World.Fail($"The program of {Name} threw {e}");
        }
    }

    private void Send(OutgoingCall outgoing)
    {
        var call = _cluster.NewCall(this, outgoing);
        if (World.Now - _looked > s_gatewayRefresh)
        {
            _looked = World.Now;
            _gateways.Clear();
            _gateways.AddRange(_cluster.Silos.Where(s => _cluster.Table.Newest.GetSiloStatus(s.Address) == Orleans.Runtime.SiloStatus.Active));
        }

        // A connection that is refused is noticed, and another gateway is taken; one to a process that says nothing is not.
        _gateways.RemoveAll(static g => g.Crashed);
        if (_gateways.Count > 0)
        {
            _cluster.Enter(_gateways[World.Random.Next(_gateways.Count)], call);
        }
    }
}
