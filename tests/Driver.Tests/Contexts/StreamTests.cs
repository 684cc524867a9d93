using MicroSpark.Driver.Events;
using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Hosting;
using MicroSpark.Model;
using MicroSpark.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace MicroSpark.Tests.Contexts;

/// <summary>Results that are read piece by piece: what waits, what is lost on the way, and what is left behind.</summary>
public sealed class StreamTests : IDisposable
{
    private static readonly int[] s_runs = new int[1];
    private static readonly ManualResetEventSlim s_gate = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, Isolation.Process)]
    [InlineData(2, Isolation.Process)]
    [InlineData(2, Isolation.Simulated)]
    public async Task A_partition_far_beyond_the_budget_waits_on_disk_and_comes_in_order(int workers, Isolation isolation)
    {
        await using var spark = await StartAsync(workers, isolation);
        var next = 0L;
        var files = 0;
        await foreach (var n in spark.Range(0, 8_000_000, 1, 2))
        {
            if (n != next++)
            {
                Assert.Fail($"Expected {next - 1}, found {n}.");
            }

            if (n == 1_000_000)
            {
                files = Directory.GetFiles(_folder, "*.frames", SearchOption.AllDirectories).Length;
                Assert.All(spark.Silos!.Silos, silo => Assert.InRange(silo.Engine.Blocks.Bytes, 0, 16 << 20));
            }
        }

        Assert.Equal(8_000_000, next);
        Assert.InRange(files, 1, 2);
        AssertNothingIsLeft(spark);
    }

    [Theory]
    [InlineData(Isolation.Process)]
    [InlineData(Isolation.Simulated)]
    public async Task Small_results_empty_partitions_and_the_programs_own_types(Isolation isolation)
    {
        await using var spark = await StartAsync(2, isolation);
        var people = spark.Range(0, 100, 1, 20).Filter(n => n % 10 < 5).Map(n => new Person($"p{n}", n % 3 == 0 ? null : new Person("parent", null)));
        var streamed = new List<Person>();
        await foreach (var person in people)
        {
            streamed.Add(person);
        }

        var expected = Enumerable.Range(0, 100).Where(n => n % 10 < 5).Select(n => new Person($"p{n}", n % 3 == 0 ? null : new Person("parent", null)));
        Assert.Equal(expected, streamed);
        AssertNothingIsLeft(spark);
    }

    [Fact]
    public async Task A_consumer_that_stops_early_leaves_nothing_and_little_was_computed()
    {
        await using var spark = await StartAsync(1, Isolation.Process);
        s_runs[0] = 0;
        var counted = spark.Range(0, 1_000_000, 1, 100).MapPartitions(items =>
        {
            Interlocked.Increment(ref s_runs[0]);
            return items;
        });
        await foreach (var n in counted)
        {
            if (n == 15_000)
            {
                break;
            }
        }

        Assert.InRange(s_runs[0], 2, 4);
        AssertNothingIsLeft(spark);
        Assert.DoesNotContain(await spark.JobsAsync(), j => j.State == JobState.Running);
    }

    [Fact]
    public async Task A_partition_that_fails_is_told_when_its_turn_comes_and_leaves_nothing()
    {
        await using var spark = await StartAsync(1, Isolation.Process);
        var seen = new List<long>();
        var error = await Assert.ThrowsAsync<JobFailedException>(async () =>
        {
            await foreach (var n in spark.Range(0, 40, 1, 4).Map(n => n == 25 ? throw new FormatException("no 25") : n))
            {
                seen.Add(n);
            }
        });
        Assert.IsType<FormatException>(error.InnerException);
        Assert.Equal(Enumerable.Range(0, 20).Select(n => (long)n), seen);
        AssertNothingIsLeft(spark);
    }

    [Theory]
    [InlineData(Isolation.Process)]
    [InlineData(Isolation.Simulated)]
    public async Task A_result_that_is_lost_before_it_is_read_is_computed_again(Isolation isolation)
    {
        await using var spark = await StartAsync(1, isolation);
        var seen = new List<long>();
        await foreach (var n in spark.Range(0, 400_000, 1, 2).Map(n => n * 2))
        {
            seen.Add(n);
            if (n == 10)
            {
                // The first partition is being read; the second one waits, or is about to be computed.
                while (ResultsOf(spark).Count < 2)
                {
                    await Task.Yield();
                }

                foreach (var block in ResultsOf(spark))
                {
                    spark.Silos!.Silos[0].Engine.Blocks.Remove(block);
                }
            }
        }

        Assert.Equal(Enumerable.Range(0, 400_000).Select(n => n * 2L), seen);
        AssertNothingIsLeft(spark);
        var notes = new List<EngineEvent>();
        foreach (var job in await spark.JobsAsync())
        {
            notes.AddRange((await spark.EventsOfAsync(job.Id))!.Where(static one => one is EngineEvent.TaskNoted { End: TaskEnd.OutputLost, Again: true }));
        }

        Assert.NotEmpty(notes);
    }

    /// <summary>Elements share objects or do not, by where their task found its input: persisted in memory, or read from frames. They are the same elements.</summary>
    [Theory]
    [InlineData(Isolation.Process)]
    [InlineData(Isolation.Simulated)]
    public async Task What_is_computed_again_with_other_objects_of_the_same_content_goes_on_where_it_was(Isolation isolation)
    {
        await using var spark = await StartAsync(1, isolation);
        const int Count = 200_000;
        var mark = Path.Join(_folder, "mark");
        var people = spark.Range(0, Count, 1, 1).MapPartitions(items =>
        {
            var again = File.Exists(mark);
            File.AppendAllText(mark, "run ");
            var parent = new Person(new string('p', 100), null);
            return items.Select(n => new Person($"{n:D150}", again ? parent with { } : parent));
        });
        var next = 0;
        await foreach (var person in people)
        {
            Assert.Equal(next++, int.Parse(person.Name));
            Assert.Equal(100, person.Parent!.Name.Length);
            if (next == 10_000)
            {
                // The disk loses most of it.
                var kept = Assert.Single(Directory.GetFiles(_folder, "*.frames", SearchOption.AllDirectories));
                using var file = new FileStream(kept, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                file.SetLength(file.Length / 4);
            }
        }

        Assert.Equal((Count, "run run "), (next, File.ReadAllText(mark)));
        AssertNothingIsLeft(spark);
    }

    [Theory]
    [InlineData(Isolation.Process)]
    [InlineData(Isolation.Simulated)]
    public async Task Partitions_that_are_as_good_as_empty_share_jobs(Isolation isolation)
    {
        await using var spark = await StartAsync(2, isolation);
        var next = 0L;
        await foreach (var n in spark.Range(0, 5_000, 1, 5_000).Filter(n => n % 1_000 == 0))
        {
            Assert.Equal(1_000 * next++, n);
        }

        Assert.Equal(5, next);
        Assert.InRange((await spark.JobsAsync()).Count, 1, 500);
        AssertNothingIsLeft(spark);
    }

    [Fact]
    public async Task A_partition_that_fails_beside_empty_ones_is_told_when_its_turn_comes()
    {
        await using var spark = await StartAsync(1, Isolation.Process);
        var seen = new List<long>();
        var error = await Assert.ThrowsAsync<JobFailedException>(async () =>
        {
            await foreach (var n in spark.Range(0, 1_000, 1, 1_000).Map(n => n == 900 ? throw new FormatException("no 900") : n).Filter(n => n % 7 == 0))
            {
                seen.Add(n);
            }
        });
        Assert.Equal(900, error.Partition);
        Assert.Equal(Enumerable.Range(0, 900).Where(n => n % 7 == 0).Select(n => (long)n), seen);
        AssertNothingIsLeft(spark);
    }

    [Fact]
    public async Task What_comes_before_a_partition_that_takes_long_does_not_wait_for_it()
    {
        await using var spark = await StartAsync(1, Isolation.Process);
        s_gate.Reset();
        var next = 0L;
        await foreach (var n in spark.Range(0, 500, 1, 500).Map(n =>
        {
            if (n == 450)
            {
                s_gate.Wait();
            }

            return n;
        }).Filter(n => n % 100 == 0 || n >= 400))
        {
            // It shares a job with this one, or not: what comes before it does not wait for it.
            if (n == 300)
            {
                s_gate.Set();
            }

            Assert.Equal(next < 4 ? 100 * next : 396 + next, n);
            next++;
        }

        Assert.Equal(104, next);
        AssertNothingIsLeft(spark);
    }

    [Fact]
    public async Task What_a_slow_reader_has_not_read_yet_stays()
    {
        var time = new ManualLongTimers();
        var options = new MicroSparkOptions { Slots = 2, SpillDirectory = _folder };
        var silos = await EmbeddedSilos.StartAsync(options, 1, customize: silo => silo.ConfigureServices(services => services.AddSingleton<TimeProvider>(time)));
        await using var spark = await MicroSparkContext.OpenAsync(new EmbeddedCluster(silos, true, TimeProvider.System), options, CancellationToken.None, time);
        s_runs[0] = 0;
        var next = 0L;
        await foreach (var n in spark.Range(0, 400_000, 1, 2).MapPartitions(items =>
        {
            Interlocked.Increment(ref s_runs[0]);
            return items;
        }))
        {
            Assert.Equal(next++, n);
            if (n != 10)
            {
                continue;
            }

            // The first partition is being read, the second one waits, and the cluster will be told so of both. Half an hour goes by.
            await UntilAsync(() => time.Retained == 2 && time.SetEvery(TimeSpan.FromMinutes(3)) == 2);
            for (var retained = 4; retained <= 20; retained += 2)
            {
                time.Pass(TimeSpan.FromMinutes(3));
                await UntilAsync(() => time.Retained == retained);
            }
        }

        Assert.Equal((400_000, 2), (next, s_runs[0]));
        AssertNothingIsLeft(spark);

        // Nobody renews what was given up.
        time.Pass(TimeSpan.FromMinutes(3));
        Assert.Equal(20, time.Retained);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private Task<MicroSparkContext> StartAsync(int workers, Isolation isolation) => MicroSparkContext.StartLocalAsync(workers, options =>
    {
        options.Slots = 2;
        options.Isolation = isolation;
        options.MemoryBudget = "16MB";
        options.SpillDirectory = _folder;
    });

    private static List<BlockId> ResultsOf(MicroSparkContext spark) => [.. spark.Silos!.Silos.SelectMany(s => s.Engine.Blocks.Results())];

    private void AssertNothingIsLeft(MicroSparkContext spark)
    {
        Assert.Empty(ResultsOf(spark));
        Assert.All(spark.Silos!.Silos, silo => Assert.Equal(0, silo.Engine.Blocks.Bytes));
        Assert.Empty(Directory.GetFiles(_folder, "*.frames", SearchOption.AllDirectories));
    }

    public sealed record Person(string Name, Person? Parent);
}
