using System.Diagnostics;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Hosting;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;
using Orleans.Runtime;
using Xunit.Abstractions;

namespace MicroSpark.Tests.Jobs;

/// <summary>Worker processes with a slot each share what is to do: one that is slow, frozen, new or busy with others' tasks.</summary>
public sealed class SharingTests(ITestOutputHelper output)
{
    private const int Tasks = 40;

    /// <summary>
    /// It gets a tenth of the processor by signals, in pulses that nobody takes for its death. For seconds: a beat that comes late is then
    /// one of many.
    /// </summary>
    [Fact]
    public async Task A_slow_worker_does_less_and_the_others_do_the_rest()
    {
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(2, Settings(database));
        try
        {
            await using var spark = await ConnectAsync(database);
            Assert.Equal(Tasks, (await CountAsync(spark, 1000)).Length);
            var start = Stopwatch.GetTimestamp();
            (int Process, long Sum)[] tasks;
            await using (new Pulses(silos[0]))
            {
                tasks = await CountAsync(spark, 80_000_000);
            }

            var slow = tasks.Count(task => task.Process == silos[0].ProcessId);
            output.WriteLine($"{slow} of {Tasks} tasks at the slow worker, {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
            Assert.Equal(Tasks, tasks.Length);
            Assert.All(tasks, task => Assert.Equal(tasks[0].Sum, task.Sum));
            Assert.True(slow < Tasks / 2, $"The slow worker did {slow} of {Tasks} tasks.");
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    /// <summary>Silence is doubted after two seconds; that a worker is dead takes its cluster longer to find.</summary>
    [Fact]
    public async Task A_frozen_worker_is_doubted_and_what_it_has_is_done_elsewhere()
    {
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(3, Settings(database));
        try
        {
            await using var gate = new Gate();
            await using var spark = await ConnectAsync(database);
            await using var observer = await ClusterClientFactory.ConnectAsync(database.Options(), CancellationToken.None);
            var port = gate.Port;
            var job = spark.Range(0, Tasks, partitions: Tasks).Map(n =>
            {
                Gate.Pass(port);
                return (Environment.ProcessId, n);
            }).CollectAsync();
            for (var arrived = 0; arrived < silos.Length; arrived++)
            {
                await await Task.WhenAny(gate.TakeAsync(), job);
            }

            // All slots are at work. Whoever drives the job is not the one that is frozen.
            var running = (await spark.JobsAsync()).Single(static j => j.State == JobState.Running);
            var host = await observer.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(observer.Grains.GetGrain<IJobGrain>(running.Id.Value));
            var frozen = silos.First(silo => silo.SiloPort != host!.Endpoint.Port);
            frozen.Freeze();
            var start = Stopwatch.GetTimestamp();
            gate.Open();
            var tasks = await job;
            var elapsed = Stopwatch.GetElapsedTime(start);
            var left = (await spark.WorkersAsync()).Count;
            output.WriteLine($"The job ended {elapsed.TotalSeconds:0.0} s after the freeze; {left} workers were listed then");
            Assert.Equal(Enumerable.Range(0, Tasks).Select(static n => (long)n), tasks.Select(static task => task.n));
            Assert.DoesNotContain(tasks, task => task.ProcessId == frozen.ProcessId);
            Assert.Equal(2, tasks.DistinctBy(static task => task.ProcessId).Count());
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    [Fact]
    public async Task A_worker_that_joins_gets_tasks_of_a_running_stage()
    {
        using var database = new SqliteDatabase();
        var silos = new List<SiloProcess>(await SiloProcess.StartAsync(2, Settings(database)));
        try
        {
            await using var gate = new Gate();
            await using var spark = await ConnectAsync(database);
            var port = gate.Port;
            var job = spark.Range(0, Tasks, partitions: Tasks).Map(_ =>
            {
                Gate.Pass(port);
                return Environment.ProcessId;
            }).CollectAsync();
            await await Task.WhenAny(gate.TakeAsync(), job);
            await await Task.WhenAny(gate.TakeAsync(), job);
            silos.Add(await SiloProcess.StartAsync(Settings(database)));

            // The slots of the others are taken: the third task is at the new one.
            await await Task.WhenAny(gate.TakeAsync(), job);
            gate.Open();
            Assert.Contains(silos[2].ProcessId, await job);
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    [Fact]
    public async Task A_cancelled_job_frees_the_slots_of_all_workers()
    {
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(2, Settings(database));
        try
        {
            await using var gate = new Gate();
            await using var spark = await ConnectAsync(database);
            var port = gate.Port;
            using var stop = new CancellationTokenSource();
            var held = spark.Range(0, Tasks, partitions: Tasks).Map(n => Sleep(port, n)).CountAsync(stop.Token);
            await await Task.WhenAny(gate.TakeAsync(), held);
            await await Task.WhenAny(gate.TakeAsync(), held);
            gate.Open();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);

            // Of the same group: no thread above the slots is given to it. Its two tasks wait for each other, and so need both slots.
            await using var both = new Gate();
            var second = both.Port;
            var next = spark.Range(0, 2, partitions: 2).Map(n =>
            {
                Gate.Pass(second);
                return n;
            }).CountAsync();
            await await Task.WhenAny(both.TakeAsync(), next);
            await await Task.WhenAny(both.TakeAsync(), next);
            both.Open();
            Assert.Equal(2, await next);
            Assert.All(await spark.WorkersAsync(), static worker => Assert.Equal(0, worker.GivenUp));
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    [Fact]
    public async Task A_tiny_job_in_a_group_of_its_own_does_not_wait_for_a_big_one()
    {
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(2, Settings(database));
        try
        {
            await using var gate = new Gate();
            await using var spark = await ConnectAsync(database);
            await using var other = await ConnectAsync(database);
            var port = gate.Port;
            var big = spark.Range(0, 100, partitions: 100).Map(n =>
            {
                Gate.Pass(port);
                return n;
            }).CountAsync();
            await await Task.WhenAny(gate.TakeAsync(), big);
            await await Task.WhenAny(gate.TakeAsync(), big);
            using (spark.JobGroup("tiny"))
            {
                Assert.Equal(3, await spark.Range(0, 900, partitions: 8).Map(static n => (n % 3, 1)).ReduceByKey(static (a, b) => a + b, 2).CountAsync());
            }

            // Another program's, in no group.
            Assert.Equal(800, await other.Range(0, 800, partitions: 8).CountAsync());
            Assert.False(big.IsCompleted);
            gate.Open();
            Assert.Equal(100, await big);
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    private static IEnumerable<string> Settings(SqliteDatabase database) => [.. database.Settings, "--MicroSpark:Slots=1"];

    /// <summary>No second attempts: a slow or frozen worker's tasks reach the others without them.</summary>
    private static Task<MicroSparkContext> ConnectAsync(SqliteDatabase database) => MicroSparkContext.ConnectAsync(o =>
    {
        o.Membership = database.Options().Membership;
        o.SecretFile = database.SecretFile;
        o.Speculation.Enabled = false;
    });

    private static Task<(int Process, long Sum)[]> CountAsync(MicroSparkContext spark, int steps) =>
        spark.Range(0, Tasks, partitions: Tasks).Map(_ => (Process: Environment.ProcessId, Sum: Count(steps))).CollectAsync();

    private static long Count(int steps)
    {
        var sum = 0L;
        for (var i = 0; i < steps; i++)
        {
            sum += i ^ (sum >> 1);
        }

        return sum;
    }

    private static long Sleep(int port, long n)
    {
        Gate.Pass(port);
        Thread.CurrentThread.Join(Timeout.Infinite);
        return n;
    }

    /// <summary>Lets a worker run for one of ten parts of 10 ms, until it is disposed.</summary>
    private sealed class Pulses : IAsyncDisposable
    {
        private readonly SiloProcess _silo;
        private readonly PeriodicTimer _timer = new(TimeSpan.FromMilliseconds(10));
        private readonly Task _beating;

        public Pulses(SiloProcess silo)
        {
            _silo = silo;
            _beating = BeatAsync();
        }

        public async ValueTask DisposeAsync()
        {
            _timer.Dispose();
            await _beating;
            _silo.Thaw();
        }

        private async Task BeatAsync()
        {
            for (var beat = 0; await _timer.WaitForNextTickAsync(); beat++)
            {
                if (beat % 10 == 0)
                {
                    _silo.Freeze();
                }
                else if (beat % 10 == 9)
                {
                    _silo.Thaw();
                }
            }
        }
    }
}
