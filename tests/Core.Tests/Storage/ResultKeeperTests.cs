using System.Runtime.InteropServices;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Readers;
using MicroSpark.Storage;

namespace MicroSpark.Tests.Storage;

/// <summary>A result's frames are the same bytes however its elements came and wherever they went.</summary>
public sealed class ResultKeeperTests : IDisposable
{
    private static readonly string[] s_words = [.. Enumerable.Range(0, 20_000).Select(n => new string((char)('a' + (n % 26)), n % 97))];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Numbers_by_one_by_runs_in_memory_and_on_disk(int count) => Check(Enumerable.Range(0, count).Select(n => n * 3L).ToArray());

    [Fact]
    public void Strings_by_one_by_runs_in_memory_and_on_disk() => Check(s_words);

    [Fact]
    public void Elements_larger_than_a_frame() => Check(Enumerable.Range(0, 20).Select(n => new byte[100_000 * (n % 5)]).ToArray());

    [Fact]
    public void Small_elements_before_large_ones() => Check(Enumerable.Range(0, 3_000).Select(n => new byte[n < 2_500 ? n % 40 : 20_000]).ToArray());

    [Fact]
    public void Large_elements_do_not_wait_until_they_are_many()
    {
        using var spill = new SpillFolder(_folder.FullName);
        using var memory = new MemoryPool(long.MaxValue, 1, starved: true).Open(spill, CodeSpace.Process);
        using var keeper = new ResultKeeper<byte[]>(memory, CodeSpace.Process);
        for (var n = 0; n < 100; n++)
        {
            keeper.Add(new byte[100_000]);
            Assert.InRange((n + 1) * 100_000 - memory.SpilledBytes, 0, 17 * 100_000);
        }
    }

    [Fact]
    public void What_lies_between_fields_is_nothing()
    {
        var (clean, dirty) = (new (byte Small, long Large)[1_000], new (byte Small, long Large)[1_000]);
        MemoryMarshal.AsBytes(dirty.AsSpan()).Fill(0xAB);
        for (var i = 0; i < clean.Length; i++)
        {
            clean[i].Small = dirty[i].Small = (byte)i;
            clean[i].Large = dirty[i].Large = i;
        }

        using var spill = new SpillFolder(_folder.FullName);
        var one = Keep<(byte, long)>(spill, starved: false, keeper => keeper.Add(clean));
        var other = Keep<(byte, long)>(spill, starved: false, keeper => keeper.Add(dirty));
        Assert.Equal(FramesOf(one), FramesOf(other));
        Assert.Equal(one.Fingerprint, other.Fingerprint);
        Check(dirty);
    }

    [Fact]
    public void Another_element_or_another_order_is_another_fingerprint()
    {
        using var spill = new SpillFolder(_folder.FullName);
        var some = Keep(spill, starved: false, (ResultKeeper<string> keeper) => keeper.Add(["a", "b"]));
        Assert.NotEqual(some.Fingerprint, Keep(spill, starved: false, (ResultKeeper<string> keeper) => keeper.Add(["b", "a"])).Fingerprint);
        Assert.NotEqual(some.Fingerprint, Keep(spill, starved: false, (ResultKeeper<string> keeper) => keeper.Add(["a", "b", "b"])).Fingerprint);
    }

    /// <summary>What was read where it lies shares objects that are several when they come from frames.</summary>
    [Fact]
    public void Objects_that_elements_share_do_not_show()
    {
        Town[] towns = [.. Enumerable.Range(0, 10).Select(n => new Town($"town {n}", n % 2 == 0 ? null : new Town("capital", null)))];
        AssertSame(5_000, n => towns[n % 10], n => towns[n % 10].Copy());
        AssertSame(5_000, n => (n, towns[n / 700]), n => (n, towns[n / 700].Copy()));
        AssertSame(300, n => new[] { towns[n % 10], towns[0], towns[n % 10] }, n => new[] { towns[n % 10].Copy(), towns[0].Copy(), towns[n % 10].Copy() });
        AssertSame(300, n => (object)towns[n % 10], n => (object)towns[n % 10].Copy());
        AssertSame(300, n => n % 3 == 0 ? (object)"text" : new List<Town> { towns[0] }, n => n % 3 == 0 ? (object)"text" : new List<Town> { towns[0].Copy() });
        var large = new byte[100_000];
        AssertSame(100, n => large, n => (byte[])large.Clone());
    }

    [Fact]
    public void Cycles_and_objects_that_share_without_end_have_a_fingerprint()
    {
        static Ring Circle(int n)
        {
            var (one, other) = (new Ring { Number = n }, new Ring { Number = n + 1 });
            (one.Next, other.Next) = (other, one);
            return one;
        }

        var circle = Circle(1);
        AssertSame(40, _ => circle, _ => Circle(1));
        using var spill = new SpillFolder(_folder.FullName);
        Assert.NotEqual(
            Keep(spill, starved: false, (ResultKeeper<Ring> keeper) => keeper.Add([circle])).Fingerprint,
            Keep(spill, starved: false, (ResultKeeper<Ring> keeper) => keeper.Add([circle.Next!])).Fingerprint);

        // Written in full it would be 2^60 leaves.
        static Pair Deep() => Enumerable.Range(0, 60).Aggregate(new Pair(null, null), (pair, _) => new Pair(pair, pair));
        var deep = Deep();
        AssertSame(20, _ => deep, _ => Deep());
    }

    private void AssertSame<T>(int count, Func<int, T> shared, Func<int, T> own)
    {
        using var spill = new SpillFolder(_folder.FullName);
        var one = Keep<T>(spill, starved: false, keeper => keeper.Add([.. Enumerable.Range(0, count).Select(shared)]));
        var other = Keep<T>(spill, starved: true, keeper =>
        {
            for (var n = 0; n < count; n++)
            {
                keeper.Add(own(n));
            }
        });
        Assert.Equal((one.Count, one.Fingerprint), (other.Count, other.Fingerprint));
        other.Dispose();

        var less = Keep<T>(spill, starved: false, keeper => keeper.Add([.. Enumerable.Range(0, count - 1).Select(shared)]));
        Assert.NotEqual(one.Fingerprint, less.Fingerprint);
    }

    public sealed record Town(string Name, Town? Capital)
    {
        public Town Copy() => new(Name, Capital?.Copy());
    }

    public sealed class Ring
    {
        public int Number { get; set; }

        public Ring? Next { get; set; }
    }

    public sealed record Pair(Pair? Left, Pair? Right);

    private void Check<T>(T[] items)
    {
        using var spill = new SpillFolder(_folder.FullName);
        var inMemory = Keep<T>(spill, starved: false, keeper => keeper.Add(items.AsSpan()));
        var onDisk = Keep<T>(spill, starved: true, keeper => keeper.Add(items.AsSpan()));
        var single = Keep<T>(spill, starved: false, keeper =>
        {
            foreach (var item in items)
            {
                keeper.Add(item);
            }
        });
        var uneven = Keep<T>(spill, starved: true, keeper =>
        {
            for (var (at, length) = (0, 1); at < items.Length; at += length, length = (length * 7 % 10_007) + 1)
            {
                keeper.Add(items.AsSpan(at, Math.Min(length, items.Length - at)));
            }
        });
        using var file = new SpillFile(spill, CodeSpace.Process);
        var expected = FramesOf(inMemory);
        foreach (var block in new[] { onDisk, single, uneven, (ElementBlock<T>)inMemory.ToDisk(file)! })
        {
            var frames = FramesOf(block);
            Assert.Equal(expected.Length, frames.Length);
            Assert.All(expected.Zip(frames), static pair => Same.As(pair.First, pair.Second));
            Assert.Equal(inMemory.Fingerprint, block.Fingerprint);
            Assert.Equal(items.Length, block.Count);
            block.Dispose();
        }

        Assert.Equal(items.Length > 0, onDisk.DiskBytes > 0);
        using var reader = inMemory.Read(0);
        var read = new List<T>();
        while (reader.Next(int.MaxValue, out var run))
        {
            read.AddRange(run);
        }

        Assert.Equal(items, read);
    }

    private static byte[][] FramesOf<T>(ElementBlock<T> block) => [.. block.Frames(0, CodeSpace.Process).Select(static f => f.ToArray())];

    private static ElementBlock<T> Keep<T>(SpillFolder spill, bool starved, Action<ResultKeeper<T>> fill)
    {
        using var memory = new MemoryPool(long.MaxValue, 1, starved).Open(spill, CodeSpace.Process);
        using var keeper = new ResultKeeper<T>(memory, CodeSpace.Process);
        fill(keeper);
        return keeper.Complete();
    }
}
