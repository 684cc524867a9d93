using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using MicroSpark.Stages;
using MicroSpark.Stages.Selecting;
using MicroSpark.Stopping;
using MicroSpark.Tests.Closures;
using Microsoft.CodeAnalysis;

namespace MicroSpark.Tests.Stages.Selecting;

/// <summary>Which functions are known to end with a <c>Select</c>, and that the copy of each does what the function does.</summary>
public class SelectCallTests
{
    private readonly int _own = 3;

    [Theory]
    [MemberData(nameof(SelectSamples.Known), MemberType = typeof(SelectSamples))]
    public void A_function_that_ends_with_a_select_is_known_and_copied(Func<int[], IEnumerable<long>> function)
    {
        foreach (var items in new int[][] { [7, 0, -3], [4], [.. Enumerable.Range(0, 1_000)] })
        {
            Assert.Equal(function(items), Copied(function, items, out _));
        }

        Copied(function, [7, 0, -3], out var isSelected);
        Assert.True(isSelected);
    }

    [Theory]
    [MemberData(nameof(SelectSamples.Unknown), MemberType = typeof(SelectSamples))]
    public void Anything_else_is_called_as_it_is(Func<int[], IEnumerable<long>> function) => Assert.Null(SelectCall.Of(function.Method));

    [Fact]
    public void A_function_may_use_the_object_that_it_belongs_to()
    {
        Func<int[], IEnumerable<long>> function = items => items.Select(item => (long)item * _own);
        Assert.Equal([21, 0, -9], Copied(function, [7, 0, -3], out var isSelected));
        Assert.True(isSelected);
    }

    [Fact]
    public void Sequences_that_are_no_array_or_list_and_long_ones_are_left_to_LINQ()
    {
        Func<IEnumerable<int>, IEnumerable<long>> function = items => items.Select(item => (long)item);
        (IEnumerable<int> Items, bool Selected)[] cases =
        [
            ([], true),
            (new List<int> { 1, 2 }, true),
            (Enumerable.Range(0, 1_024).ToArray(), true),
            (Enumerable.Range(0, 1_025).ToArray(), false),
            (new HashSet<int> { 1, 2 }, false),
            (Enumerable.Range(0, 3), false),
            ((int[])(object)new uint[] { 1, 2 }, false),
        ];
        foreach (var (items, selected) in cases)
        {
            Assert.Equal(function(items), Copied(function, items, out var isSelected));
            Assert.Equal(selected, isSelected);
        }
    }

    [Fact]
    public void What_LINQ_selects_later_uses_the_same_variables()
    {
        Assert.Equal([103, 104, 105], Copied((IEnumerable<int> items) => Sum(items, 100), Enumerable.Range(0, 3), out var isSelected));
        Assert.False(isSelected);

        static IEnumerable<long> Sum(IEnumerable<int> items, long start)
        {
            start += items.Count();
            return items.Select(item => item + start);
        }
    }

    [Fact]
    public void Selecting_allocates_nothing()
    {
        var copy = SelectCall.Of(((Func<int[], int, IEnumerable<long>>)Plus).Method)!.TryCompile(typeof(long))!
            .CreateDelegate<Func<int[], int, FlatMapBuffer<long>, IEnumerable<long>>>();
        var buffer = new FlatMapBuffer<long>(FlatMapBuffer<long>.LongestRun, new LoopEnd { End = 1 });
        int[] items = [1, 2, 3];
        copy(items, 1, buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            buffer.Start(copy(items, i, buffer));
            buffer.Next(out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static IEnumerable<long> Plus(int[] items, int more) => items.Select(item => (long)item + more);
    }

    [Fact]
    public void References_of_a_derived_type_are_left_to_LINQ()
    {
        Func<object[], IEnumerable<int>> function = items => items.Select(item => item.ToString()!.Length);
        Assert.Equal([1, 2], Copied(function, (object[])new string[] { "a", "bc" }, out var isSelected));
        Assert.False(isSelected);
        Assert.Equal([1, 2], Copied(function, [1, "bc"], out isSelected));
        Assert.True(isSelected);
    }

    [Fact]
    public void What_LINQ_refuses_is_refused()
    {
        Func<int, long>? none = null;
        Func<int[], IEnumerable<long>> bySelector = items => items.Select(none!);
        Func<int[], IEnumerable<long>> byLambda = items => items.Select(item => (long)item);
        Assert.Equal("selector", Assert.Throws<ArgumentNullException>(() => Copied(bySelector, [1], out _)).ParamName);
        Assert.Equal("source", Assert.Throws<ArgumentNullException>(() => Copied(byLambda, null!, out _)).ParamName);
    }

    [Fact]
    public void A_list_that_its_selector_changes_is_refused_as_by_LINQ_and_no_later()
    {
        var calls = 0;
        Func<List<string>, IEnumerable<int>> growing = items => items.Select(item => Set(item, () => items.Add(item)));
        Func<List<string>, IEnumerable<int>> replacing = items => items.Select(item => Set(item, () => items[0] = item));
        Func<List<string>, IEnumerable<int>> clearing = items => items.Select(item => Set(item, items.Clear));
        foreach (var function in new[] { growing, replacing, clearing })
        {
            Assert.Throws<InvalidOperationException>(() => { foreach (var _ in function(["a", "b", "c"])) { } });
            Assert.Equal(1, calls);
            Assert.Throws<InvalidOperationException>(() => Copied(function, ["a", "b", "c"], out _));
            Assert.Equal(2, calls);
            calls = 0;
        }

        int Set(string item, Action change)
        {
            calls++;
            change();
            return item.Length;
        }
    }

    [Fact]
    public void An_expression_tree_and_the_selector_share_their_variables()
    {
        Assert.Equal([2, 4, 7], Copied((IEnumerable<int> items) => Sums(items), new Queue<int>([1, 2, 3]), out var isSelected));
        Assert.False(isSelected);
        Assert.Equal([2, 4, 7], Copied((IEnumerable<int> items) => Sums(items), new[] { 1, 2, 3 }, out isSelected));
        Assert.True(isSelected);

        static IEnumerable<long> Sums(IEnumerable<int> items)
        {
            var sum = 1L;
            System.Linq.Expressions.Expression<Func<long>> read = () => sum;
            var get = read.Compile();
            return items.Select(item =>
            {
                sum += item;
                return get();
            });
        }
    }

    [Fact]
    public void A_copy_of_many_calls_is_one_of_each_method()
    {
        Func<int[], IEnumerable<long>> function = items => Choice(2, items);
        Assert.Equal([2, 3], Copied(function, [1, 2], out var isSelected));
        Assert.True(isSelected);
        Assert.Null(SelectCall.Of(((Func<int, int[], IEnumerable<long>>)Large).Method));

        static IEnumerable<long> Choice(int kind, int[] items)
        {
            if (kind == 0)
            {
                return Other(kind, items);
            }

            if (kind == 1)
            {
                return Choice(kind - 1, items);
            }

            return kind == 2 ? Other(kind - 2, items) : items.Select(item => (long)item);
        }

        static IEnumerable<long> Other(int kind, int[] items)
        {
            if (kind == 3)
            {
                return Choice(kind - 1, items);
            }

            return items.Select(item => item + 1L);
        }

        static IEnumerable<long> Large(int kind, int[] items)
        {
            var text = $"{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}";
            text += $"{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}";
            text += $"{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}";
            text += $"{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}";
            text += $"{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}";
            text += $"{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}";
            text += $"{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}";
            text += $"{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}{kind}";
            return items.Select(item => (long)item + text.Length);
        }
    }

    [Fact]
    public void Objects_are_not_selected_far_ahead()
    {
        Func<int[], IEnumerable<string>> function = items => items.Select(item => $"{item}");
        Assert.Equal(64, Copied(function, [.. Enumerable.Range(0, 64)], out var isSelected).Count);
        Assert.True(isSelected);
        Assert.Equal(65, Copied(function, [.. Enumerable.Range(0, 65)], out isSelected).Count);
        Assert.False(isSelected);
    }

    [Fact]
    public void A_result_of_another_type_than_the_sequence_is_left_alone()
    {
        Func<string[], IEnumerable<object>> function = items => items.Select(item => item + "!");
        Assert.Null(SelectCall.Of(function.Method));
        Assert.Null(SelectCall.Of(((Func<int[], IEnumerable<long>>)SelectSamples.Constants).Method)!.TryCompile(typeof(int)));
    }

    [Fact]
    public void What_is_built_to_be_debugged_is_called_as_it_is()
    {
        const string Source = """
            using System.Collections.Generic; using System.Linq;
            public static class Lambdas { public static IEnumerable<long> Of(int[] items) => items.Select(item => item + 1L); }
            """;
        var shop = new Workshop();
        Assert.NotNull(SelectCall.Of(Method(shop.Add("Optimised", Source))));
        Assert.Null(SelectCall.Of(Method(shop.Add("Debugged", Source, OptimizationLevel.Debug))));
        shop.Unload();

        static MethodInfo Method(Assembly assembly) => assembly.GetType("Lambdas")!.GetMethod("Of")!;
    }

    [Fact]
    public void What_is_known_of_a_method_lets_its_assembly_go()
    {
        var loaded = SelectAndUnload();
        for (var i = 0; loaded.IsAlive && i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(loaded.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference SelectAndUnload()
    {
        var shop = new Workshop();
        var assembly = shop.Add(
            "Here",
            """
            using System.Collections.Generic; using System.Linq;
            public static class Lambdas { public static IEnumerable<long> Of(int[] items) => items.Select(item => item + (long)items.Length); }
            """);
        var function = assembly.GetType("Lambdas")!.GetMethod("Of")!.CreateDelegate<Func<int[], IEnumerable<long>>>();
        Assert.Equal([3, 4], Copied(function, [1, 2], out var isSelected));
        Assert.True(isSelected);
        shop.Unload();
        return new WeakReference(assembly);
    }

    private static List<R> Copied<T, R>(Func<T, IEnumerable<R>> function, T argument, out bool isSelected)
    {
        var copy = SelectCall.Of(function.Method)?.TryCompile(typeof(R));
        Assert.NotNull(copy);
        var buffer = new FlatMapBuffer<R>(FlatMapBuffer<R>.LongestRun, new LoopEnd { End = 1 });
        object?[] target = function.Target is null ? [] : [function.Target];
        var items = (IEnumerable<R>)copy.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [.. target, argument, buffer], CultureInfo.InvariantCulture)!;
        var taken = new List<R>();
        buffer.Start(items);
        while (buffer.Next(out var run))
        {
            taken.AddRange(run);
        }

        isSelected = ReferenceEquals(items, buffer.Selected(0));
        return taken;
    }
}
