using MicroSpark.Code;
using MicroSpark.Hashing;
using MicroSpark.Memory;
using MicroSpark.Readers;
using MicroSpark.Sources;
using MicroSpark.Tables;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Tables;

/// <summary>Tables cannot be spilled, so they are counted: what can be spilled makes room for them.</summary>
public sealed class TableMemoryTests : IDisposable
{
    private readonly SpillFolder _folder = new(null);
    private readonly MemoryPool _pool = new(1 << 20, tasks: 1);
    private readonly TaskMemory _task;

    public TableMemoryTests() => _task = _pool.Open(_folder, CodeSpace.Process);

    public void Dispose()
    {
        _task.Dispose();
        Assert.Equal(0, _pool.Working);
        _folder.Dispose();
    }

    [Fact]
    public void A_table_is_counted_as_it_grows_with_what_its_keys_take()
    {
        var numbers = new CombineTable<long, long>(0, _task);
        var texts = new CombineTable<string, int>(0, _task);
        for (var i = 0; i < 100_000; i++)
        {
            numbers.Slot(i, StableHash<long>.Of(i), out _)++;
        }

        Assert.Equal(numbers.Bytes, _task.Held);
        for (var i = 0; i < 100_000; i++)
        {
            var key = $"key {i}";
            texts.Slot(key, StableHash<string>.Of(key), out _)++;
        }

        // The keys are about 40 bytes each; the last ones came after it grew.
        Assert.InRange(_task.Held - numbers.Bytes, texts.Bytes + (65_536 * 30), texts.Bytes + (100_000 * 60));
        texts.Release();
        Assert.Equal(numbers.Bytes, _task.Held);
        numbers.Release();
        Assert.Equal(0, _task.Held);
    }

    [Fact]
    public void Small_ones_are_not()
    {
        var table = new CombineTable<int, int>(0, _task);
        for (var i = 0; i < 4000; i++)
        {
            table.Slot(i, StableHash<int>.Of(i), out _)++;
        }

        Assert.Equal(0, _task.Held);
    }

    [Fact]
    public void The_side_of_a_join_that_is_looked_up()
    {
        var table = new JoinTable<int, long>(_task);
        var pairs = Enumerable.Range(0, 100_000).Select(static i => (i, (long)i)).ToArray();
        table.Build(new MemoryReader<(int Key, long Value)>(pairs), pairs.Length);

        Assert.InRange(_task.Held, 100_000 * (8 + 12 + 8), 100_000 * 100);
        var held = _task.Held;
        table.Build(new MemoryReader<(int Key, long Value)>(pairs), pairs.Length);
        Assert.Equal(held, _task.Held);
    }

    [Fact]
    public async Task A_task_whose_table_fills_its_share_spills_the_rest_and_gives_the_same()
    {
        var pairs = Enumerable.Range(0, 400_000).Select(static i => (i * 31 % 150_000, 1.0 / (i + 1))).ToArray();
        (int, double)[]? first = null;
        foreach (var budget in new[] { 1L << 30, 4 << 20 })
        {
            using var runner = new LocalRunner(1, fused: true, simulated: false, memoryBudget: budget);
            var sums = await Source.Parallelize(runner, pairs, 2).ReduceByKey(static (a, b) => a + b, 2).CollectAsync();
            first ??= sums;
            Assert.Equal(first, sums);
            Assert.Equal(0, runner.Workers[0].Memory.Working);
        }
    }
}
