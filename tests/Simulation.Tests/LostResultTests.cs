using System.Reflection;
using MicroSpark.Driver.Clusters;
using MicroSpark.Driver.Jobs;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Simulation.Clients;
using MicroSpark.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace MicroSpark.Tests;

/// <summary>
/// A result that a client could not read, while a job has two owners for a while: the client's report reaches the one, and its next
/// question the other. What a seed has found was an action that ended well without the result.
/// </summary>
public sealed class LostResultTests
{
    [Fact]
    public void A_job_has_not_ended_while_a_result_that_was_reported_lost_has_not_come_again() => FoundTests.Simulated(1, (world, cluster) =>
    {
        var client = new Client(cluster, "client");
        var job = DispatchProxy.Create<IJobGrain, TwoOwners>();
        var owners = (TwoOwners)job;
        var read = new List<AttemptId>();
        var ended = false;
        client.Run(async () =>
        {
            var awaited = new AwaitedJob(
                JobId.New(), "job", null, new OneGrain(client, job), client.Time, client.Runner, CancellationToken.None);
            await awaited.FollowAsync((results, _) =>
            {
                var lost = results.Where(r => r.Attempt == owners.First.Attempt).ToList();
                read.AddRange(results.Except(lost).Select(static r => r.Attempt));
                return Task.FromResult(lost);
            }).ConfigureAwait(false);
            ended = true;
        });
        world.RunUntil(() => ended, TimeSpan.FromSeconds(5));
        return world.Broken
            ?? (!ended ? "The job has not ended." : read is [var only] && only == owners.Second.Attempt ? null : $"{read.Count} results");
    });

    /// <summary>Two owners of an ended job, of which the other one is told of the loss first.</summary>
    public class TwoOwners : DispatchProxy
    {
        private int _reports;

        internal CommittedResult First { get; } = Result();

        internal CommittedResult Second { get; } = Result();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            nameof(IJobGrain.WaitAsync) => Task.FromResult(Update((int)args![1]!)),
            nameof(IJobGrain.ReportLostAsync) => Reported(),
            _ => Task.CompletedTask,
        };

        private static CommittedResult Result() => new(0, AttemptId.New(), default, 1, 1, null, false, null);

        private JobUpdate Update(int seen)
        {
            CommittedResult[] known = _reports < 2 ? [First] : [First, Second];
            return new JobUpdate(true, JobPhase.Succeeded, 1, seen, known[seen..], null, []);
        }

        private Task Reported()
        {
            _reports++;
            return Task.CompletedTask;
        }
    }

    /// <summary>A cluster of which a client knows one grain.</summary>
    private sealed class OneGrain(Client client, IJobGrain job) : ICluster
    {
        public IGrainFactory Grains { get; } = Factory.Of(job);

        public IBlockTransport Transport => client.Transport;

        public ILoggerFactory Logs => NullLoggerFactory.Instance;

        public bool SharesMemory => false;

        public int MaxTaskFailures => 4;

        public TimeSpan Slice => client.Slice;

        public Task<IReadOnlyList<WorkerId>> WorkersAsync(CancellationToken cancellationToken, Silence? silence = null) =>
            client.WorkersAsync(cancellationToken, silence);

        public Task<int> CountSlotsAsync(CancellationToken cancellationToken) => client.CountSlotsAsync(cancellationToken);

        public ValueTask DisposeAsync() => default;
    }

    /// <summary>Gives the same grain to all.</summary>
    public class Factory : DispatchProxy
    {
        private object? _grain;

        internal static IGrainFactory Of(object grain)
        {
            var factory = Create<IGrainFactory, Factory>();
            ((Factory)factory)._grain = grain;
            return factory;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _grain;
    }
}
