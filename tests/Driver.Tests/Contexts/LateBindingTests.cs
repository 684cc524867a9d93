using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Membership;

namespace MicroSpark.Tests.Contexts;

/// <summary>Workers take tasks as they have room: nothing sits behind a task that takes long, and who joins takes part.</summary>
public sealed class LateBindingTests
{
    private static readonly SemaphoreSlim[] s_ended = [new(0), new(0), new(0)];
    private static readonly ManualResetEventSlim[] s_gate = [new(), new(), new()];
    private static readonly int[] s_held = new int[3];
    private static readonly SemaphoreSlim s_begun = new(0);
    private static readonly ManualResetEventSlim s_open = new();
    private static readonly List<int> s_met = [];

    [Fact]
    public async Task One_silo_does_all_that_the_other_has_not_begun()
    {
        await using var spark = await StartAsync();
        var sum = spark.Parallelize(Enumerable.Range(0, 40), 40).Map(n => Hold(n, n == 3, 0)).SumAsync();
        await AwaitAsync(s_ended[0], 39, sum);
        s_gate[0].Set();
        Assert.Equal(780, await sum);
    }

    /// <summary>Its tasks take no time until then, so a whole window of them is behind the one that takes long.</summary>
    [Fact]
    public async Task What_is_behind_a_task_that_suddenly_takes_long_is_taken_back()
    {
        const int Tasks = 4000;
        await using var spark = await StartAsync();
        var sum = spark.Parallelize(Enumerable.Range(0, Tasks), Tasks).Map(n => Hold(n, n == 1000, 1)).CountAsync();
        await AwaitAsync(s_ended[1], Tasks - 1, sum);
        s_gate[1].Set();
        Assert.Equal(Tasks, await sum);
    }

    /// <summary>16 grains own the tasks; a silo has a window of the stage, not of each of them.</summary>
    [Fact]
    public async Task One_silo_does_all_maps_of_a_shuffle_that_the_other_has_not_begun()
    {
        const int Maps = 1024;
        await using var spark = await StartAsync();
        var sums = spark.Parallelize(Enumerable.Range(0, Maps), Maps).Map(n => (Hold(n, n == 500, 2) % 2, 1)).ReduceByKey((a, b) => a + b, 2).CollectAsync();
        await AwaitAsync(s_ended[2], Maps - 1, sums);
        s_gate[2].Set();
        Assert.Equal([(0, Maps / 2), (1, Maps / 2)], (await sums).Order());
    }

    /// <summary>Each of the slow ones waits for another: at one silo alone they would wait for ever.</summary>
    [Fact]
    public async Task A_range_of_slow_neighbours_is_shared()
    {
        await using var spark = await StartAsync();
        var sum = spark.Parallelize(Enumerable.Range(0, 40), 40).Map(n =>
        {
            if (n < 20)
            {
                Meet(n);
            }

            return n;
        }).SumAsync();
        Assert.Equal(780, await sum);
    }

    [Fact]
    public async Task A_silo_that_joins_gets_tasks_of_a_running_stage()
    {
        await using var spark = await StartAsync();
        var sum = spark.Parallelize(Enumerable.Range(0, 40), 40).Map(n =>
        {
            s_begun.Release();
            s_open.Wait();
            return n;
        }).SumAsync();
        await AwaitAsync(s_begun, 2, sum);
        var silos = spark.Silos!;
        var options = Options(new MicroSparkOptions());
        await using (await SiloHostFactory.StartAsync(options, SiloMode.EmbeddedOf(silos.Membership, silos.Secret, 3, options)))
        {
            // The slots of the others are taken: the third one is the new silo's.
            await AwaitAsync(s_begun, 1, sum);
            s_open.Set();
            Assert.Equal(780, await sum);
        }
    }

    /// <summary>Two silos with one slot each, and no second attempts: they would hide what is tested.</summary>
    private static Task<MicroSparkContext> StartAsync() => MicroSparkContext.StartLocalAsync(2, static o => Options(o));

    private static MicroSparkOptions Options(MicroSparkOptions options)
    {
        options.Slots = 1;
        options.Speculation.Enabled = false;
        return options;
    }

    /// <summary>
    /// Waits for the next one that comes, or for the one that came before and waits. A second attempt, as a doubted silo's tasks get, counts
    /// as the first one: else it would meet its own task.
    /// </summary>
    private static void Meet(int n)
    {
        lock (s_met)
        {
            if (!s_met.Contains(n))
            {
                s_met.Add(n);
                Monitor.PulseAll(s_met);
            }

            while (s_met.Count <= (s_met.IndexOf(n) | 1))
            {
                Monitor.Wait(s_met);
            }
        }
    }

    private static int Hold(int n, bool held, int test)
    {
        if (held && Interlocked.Exchange(ref s_held[test], 1) == 0)
        {
            s_gate[test].Wait();
        }
        else
        {
            s_ended[test].Release();
        }

        return n;
    }

    /// <summary>Waits for so many signals; a job that ends without them tells why.</summary>
    private static async Task AwaitAsync(SemaphoreSlim signal, int count, Task job)
    {
        for (var i = 0; i < count; i++)
        {
            var next = signal.WaitAsync();
            if (await Task.WhenAny(next, job) != next)
            {
                await job;
                Assert.Fail($"The job ended after {i} of {count} signals.");
            }
        }
    }
}
