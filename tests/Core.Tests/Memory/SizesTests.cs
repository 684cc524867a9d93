using MicroSpark.Memory;

namespace MicroSpark.Tests.Memory;

/// <summary>What is said of data beside what building it took.</summary>
public class SizesTests
{
    private const int Count = 2000;

    [Fact]
    public void Values_take_what_they_take()
    {
        Close(static i => (long)i);
        Close(static i => (i, (long)i));
        Close(static i => new DateTime(i));
    }

    [Fact]
    public void Strings_and_what_holds_them()
    {
        Close(static i => new string('x', i % 50));
        Close(static i => (i, new string('x', 20)));
        Close(static i => new KeyValuePair<string, int[]>(new string('k', 5), new int[i % 30]));
        Close(static i => (string?)null);
    }

    [Fact]
    public void Records_classes_and_nested_ones()
    {
        Close(static i => new Person(new string('n', 12), i, [i, i + 1.0]));
        Close(static i => new Node(i, new Node(i, null)));
        Close(static i => (object)i);
        Close(static i => new Derived { A = 1, B = new string('b', i % 7), C = 2.5 });
    }

    /// <summary>A task leads to whatever waits for it, and from there to all of the process, while other threads change it.</summary>
    [Fact]
    public void A_task_is_not_followed()
    {
        var task = new TaskCompletionSource<int[]>();
        task.SetResult(new int[1_000_000]);
        Assert.InRange(Sizes.Estimate<object>([task, new { task.Task }, new[] { task.Task }]), 24, 1000);
        Assert.InRange(Sizes.Estimate([task.Task, task.Task]), 16, 1000);
        Assert.InRange(Sizes.Estimate([(1, task.Task)]), 16, 1000);
    }

    [Fact]
    public void Functions_inside_and_what_they_captured()
    {
        Close(static i => Comparer<int>.Create((a, b) => a - b + i));
        Close(static i => (Func<int>)new int[i % 30].Sum);
    }

    [Fact]
    public void Collections()
    {
        Close(static i => new List<int>(Enumerable.Range(0, 10)));
        Close(static i =>
        {
            var map = new Dictionary<int, string>(20);
            for (var k = 0; k < 20; k++)
            {
                map.Add(k, new string('v', 10));
            }

            return map;
        });
        Close(static i =>
        {
            // Filled without a query: what that throws away depends on how far the JIT has compiled it.
            var set = new HashSet<string>(20);
            for (var k = 0; k < 20; k++)
            {
                set.Add(new string((char)('a' + k), 6));
            }

            return set;
        });
        Close(static i => new int[4, 5]);
        Close(static i => new object[] { i, new string('x', 30), new byte[100] });
    }

    [Fact]
    public void What_all_elements_share_counts_once()
    {
        var shared = new byte[100_000];
        var elements = Enumerable.Range(0, Count).Select(i => new Tagged(i, shared)).ToArray();
        var each = Allocated(() => new Tagged(1, shared));
        Assert.InRange(Sizes.Estimate<Tagged>(elements), 100_000 + ((each + 8) * Count), 101_000 + ((each + 8) * Count));
    }

    [Fact]
    public void A_cycle_ends()
    {
        var ring = new Node(1, null);
        ring.Next = new Node(2, ring);
        Assert.InRange(Sizes.Estimate<Node>([ring]), 64, 100);
    }

    [Fact]
    public void One_element_of_a_million_objects_is_sampled()
    {
        var element = Enumerable.Range(0, 1_000_000).Select(i => new string('x', 10)).ToArray();
        Assert.InRange(Sizes.Estimate<string[]>([element]), 45_000_000, 60_000_000);
    }

    private static void Close<T>(Func<int, T> make)
    {
        var items = new T[Count];
        make(0);
        var built = Allocated(() =>
        {
            for (var i = 0; i < items.Length; i++)
            {
                items[i] = make(i);
            }

            return items;
        });

        // What making a collection throws away (an enumerator, a delegate) is in the one figure and not in the other.
        var inline = (long)Count * System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        var estimate = Sizes.Estimate<T>(items);
        Assert.True(estimate >= inline + (built * 0.6) && estimate <= inline + (built * 1.1), $"{typeof(T)}: {estimate} of {inline + built}");
    }

    private static long Allocated(Func<object> build)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(build());
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed record Person(string Name, int Age, double[] Scores);

    private sealed record Tagged(int Id, byte[] Tag);

    private sealed class Node(int value, Node? next)
    {
        public int Value { get; } = value;

        public Node? Next { get; set; } = next;
    }

    private class Base
    {
        public byte A;
    }

    private sealed class Derived : Base
    {
        public string? B;
        public double C;
    }
}
