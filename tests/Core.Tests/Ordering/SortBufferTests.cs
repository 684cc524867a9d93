using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Ordering;
using MicroSpark.Readers;
using MicroSpark.Tests.Files;

namespace MicroSpark.Tests.Ordering;

/// <summary>The sort of what need not fit into memory: the same elements in the same order, whatever memory there is.</summary>
public sealed class SortBufferTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly SpillFolder _folder;

    public SortBufferTests() => _folder = new SpillFolder(_root.Path);

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
    }

    public static TheoryData<int, long> Memories()
    {
        var data = new TheoryData<int, long>();
        foreach (var count in (int[])[0, 1, 1024, 1025, 5_000, 60_000])
        {
            // Nothing, too little, a bit less than what is needed, and enough.
            foreach (var limit in (long[])[0, 100_000, 1_000_000, 1L << 40])
            {
                data.Add(count, limit);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Memories))]
    public void Memory_does_not_show(int count, long limit)
    {
        var random = new Random(count);
        var pairs = Enumerable.Range(0, count).Select(i => (Key: random.Next(count / 3 + 1), Value: i)).ToArray();
        foreach (var ascending in (bool[])[true, false])
        {
            var expected = ascending ? pairs.OrderBy(p => p.Key) : pairs.OrderByDescending(p => p.Key);
            Same.As(expected, Sorted<(int, int), int, FirstOfPair<int, int>>(pairs, limit, null, ascending));
            var texts = pairs.Select(p => (Key: $"key {p.Key:D7}", p.Value)).ToArray();
            var expectedTexts = ascending ? texts.OrderBy(p => p.Key, StringComparer.Ordinal) : texts.OrderByDescending(p => p.Key, StringComparer.Ordinal);
            Same.As(expectedTexts, Sorted<(string, int), string, FirstOfPair<string, int>>(texts, limit, null, ascending));
            var modulo = Comparer<int>.Create(static (a, b) => (a % 10).CompareTo(b % 10));
            var expectedModulo = ascending ? pairs.OrderBy(p => p.Key, modulo) : pairs.OrderByDescending(p => p.Key, modulo);
            Same.As(expectedModulo, Sorted<(int, int), int, FirstOfPair<int, int>>(pairs, limit, modulo, ascending));
        }

        var numbers = pairs.Select(p => p.Key is 0 ? double.NaN : p.Key is 1 ? -0.0 : p.Key is 2 ? 0.0 : (double)-p.Key).ToArray();
        Assert.Equal(
            numbers.Order().Select(BitConverter.DoubleToInt64Bits),
            Sorted<double, double, Itself<double>>(numbers, limit, null, true).Select(BitConverter.DoubleToInt64Bits));
    }

    /// <summary>Sequences on disk are merged in the order that ranks gave them, whatever the key.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    [InlineData(1L << 40)]
    public void Keys_of_all_ranks_meet_their_order_again(long limit)
    {
        var random = new Random(5);
        var numbers = Enumerable.Range(0, 12_000).Select(_ => random.Next(4_000)).ToArray();
        Meets(Array.ConvertAll(numbers, n => new Guid(n % 7, (short)n, 0, BitConverter.GetBytes((long)n))), null);
        Meets(Array.ConvertAll(numbers, n => n % 3 == 0 ? n / 10m : n / 100m), null);
        Meets(Array.ConvertAll(numbers, n => new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.FromHours(n % 5)).AddMinutes(n)), null);
        Meets(Array.ConvertAll(numbers, n => n % 9 == 0 ? (DayOfWeek?)null : (DayOfWeek)(n % 7)), null);
        Meets(Array.ConvertAll(numbers, n => (Int128)n << (n % 90)), null);
        Meets(Array.ConvertAll(numbers, n => $"{(n % 2 == 0 ? "a" : "A")}\u0308 {n} \uD800"), StringComparer.InvariantCulture);

        void Meets<K>(K[] keys, IComparer<K>? order)
        {
            var pairs = keys.Select((key, i) => (Key: key, Value: i)).ToArray();
            Same.As(pairs.OrderBy(pair => pair.Key, order), Sorted<(K, int), K, FirstOfPair<K, int>>(pairs, limit, order, true));
            Same.As(pairs.OrderByDescending(pair => pair.Key, order), Sorted<(K, int), K, FirstOfPair<K, int>>(pairs, limit, order, false));
        }
    }

    [Fact]
    public void What_was_held_is_given_back_but_for_the_result()
    {
        var pool = new MemoryPool(long.MaxValue, tasks: 2);
        using var memory = pool.Open(_folder, CodeSpace.Process);
        var buffer = new SortBuffer<long, long, Itself<long>>(new Sorter<long, long, Itself<long>>(null, ascending: true), memory);
        for (var i = 0; i < 10_000; i++)
        {
            buffer.Add(-i);
        }

        Assert.InRange(memory.Held, 160_000, 400_000);
        using var sorted = buffer.Finish();
        Assert.Equal(80_000, memory.Held);
        Assert.False(Directory.EnumerateFiles(_root.Path, "*", SearchOption.AllDirectories).Any());
    }

    [Fact]
    public void Runs_that_stay_between_others_take_no_chunk_each()
    {
        var pool = new MemoryPool(long.MaxValue, tasks: 2);
        using var memory = pool.Open(_folder, CodeSpace.Process);
        var buffer = new SortBuffer<long, long, Itself<long>>(new Sorter<long, long, Itself<long>>(null, ascending: true), memory);
        var few = new long[10];
        var run = new long[200];
        for (var i = 0; i < 500; i++)
        {
            buffer.Add(few);
            buffer.AddLasting(run);
        }

        // 105,000 elements of 8 bytes: the copied ones twice, the others once for the result.
        Assert.InRange(memory.Held, 800_000, 1_500_000);
        using var sorted = buffer.Finish();
    }

    /// <summary>One by one, in runs, and in runs that stay: in turns.</summary>
    private List<T> Sorted<T, K, TKey>(T[] items, long limit, IComparer<K>? comparer, bool ascending)
        where TKey : struct, IKeyOf<T, K>
    {
        var pool = new MemoryPool(limit, tasks: 1, starved: limit == 0);
        using var memory = pool.Open(_folder, CodeSpace.Process);
        var buffer = new SortBuffer<T, K, TKey>(new Sorter<T, K, TKey>(comparer, ascending), memory);
        for (var (at, turn) = (0, 0); at < items.Length; turn++)
        {
            var run = items.AsMemory(at, Math.Min(items.Length - at, 700 * (turn % 7)));
            at += run.Length;
            switch (turn % 3)
            {
                case 0:
                    foreach (var item in run.Span)
                    {
                        buffer.Add(item);
                    }

                    break;
                case 1:
                    buffer.Add(run.Span);
                    break;
                default:
                    buffer.AddLasting(run);
                    break;
            }
        }

        using var reader = buffer.Finish();
        var sorted = new List<T>();
        while (reader.Next(1000, out var run))
        {
            sorted.AddRange(run);
        }

        Assert.InRange(pool.Working, 0, Math.Max(0, limit));
        return sorted;
    }
}
