using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using MicroSpark.Stages;
using MicroSpark.Stages.Selecting;
using MicroSpark.Tests.Closures;
using Microsoft.CodeAnalysis;

namespace MicroSpark.Tests.Stages.Selecting;

/// <summary>Which functions are known to end with a <c>Select</c>, and that the copy of each does what the function does.</summary>
public class SelectCallTests
{
    private readonly int _own = 3;

    private enum Colour
    {
        Red,
        Green,
    }

    private interface IScale
    {
        static abstract IEnumerable<long> Scale(int[] items);
    }

    /// <summary>Functions of an array, which is {7, 0, -3} here.</summary>
    public static TheoryData<Func<int[], IEnumerable<long>>> Known
    {
        get
        {
            var captured = 5;
            Func<int, long> given = item => item - captured;
            return
            [
                items => items.Select(item => (long)item),
                static items => items.Select(static item => item * 2L),
                items => items.Select(item => (long)item + captured),
                items => items.Select(given),
                items => items.Select(Twice),
                items => items.ToList().Select(item => item + (long)items.Length),
                items => Scaled(items, 4),
                items => Enumerable.Select(items, item => (long)item.GetHashCode()),
                items => Nested(items, captured),
                items => OfAny(items, item => item * 7L),
                items => items.Length > 2 ? items.Select(item => item + 1L) : [],
                items => captured > 9 ? items.Select(item => item + 1L) : items.Select(item => item - (long)captured),
                BlockOfStatements,
                Constants,
                Loops,
                Switches,
                Strings,
                ArraysOfConstants,
                Types,
                Addresses,
                Matrices,
                Boxes,
                Shared,
                Inner,
                InLoop,
                ByLocalFunction,
                Recursive,
                Parsed,
                new Multiplier(6).Scaled,
                items => new Generic<string>("abc").Lengths(items),
            ];
        }
    }

    public static TheoryData<Func<int[], IEnumerable<long>>> Unknown =>
    [
        items => items.Select(item => (long)item).ToArray(),
        items => items.Select((item, i) => (long)item + i),
        items => items.Where(item => item > 0).Select(item => (long)item).Take(2),
        items => items.Select(item => (long)item).Where(item => item > 0),
        items => from item in items where item > 0 orderby item select (long)item into last where last > 1 select last into some group some by some into groups from one in groups select one,
        items => [1L, 2L],
        Caught,
        Iterator,
        ItsOwn,
        OnTheStack,
        Indirect<Tripling>,
        Prepared.Shifted,
        items => Prepared.Shifted(items),
        Named,
        items => Endless(items),
    ];

    [Theory]
    [MemberData(nameof(Known))]
    public void A_function_that_ends_with_a_select_is_known_and_copied(Func<int[], IEnumerable<long>> function)
    {
        foreach (int[] items in new int[][] { [7, 0, -3], [4], [.. Enumerable.Range(0, 1_000)] })
        {
            Assert.Equal(function(items), Copied(function, items, out _));
        }

        Copied(function, [7, 0, -3], out var isSelected);
        Assert.True(isSelected);
    }

    [Theory]
    [MemberData(nameof(Unknown))]
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
            .CreateDelegate<Func<int[], int, Spread<long>, IEnumerable<long>>>();
        var spread = new Spread<long>(Spread<long>.LongestRun);
        int[] items = [1, 2, 3];
        copy(items, 1, spread);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            spread.Start(copy(items, i, spread));
            spread.Next(out _);
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
        Assert.Null(SelectCall.Of(((Func<int[], IEnumerable<long>>)Constants).Method)!.TryCompile(typeof(int)));
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
        var spread = new Spread<R>(Spread<R>.LongestRun);
        object?[] target = function.Target is null ? [] : [function.Target];
        var items = (IEnumerable<R>)copy.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [.. target, argument, spread], CultureInfo.InvariantCulture)!;
        var taken = new List<R>();
        spread.Start(items);
        while (spread.Next(out var run))
        {
            taken.AddRange(run);
        }

        isSelected = ReferenceEquals(items, spread.Selected(0));
        return taken;
    }

    private static long Twice(int item) => item * 2L;

    private static IEnumerable<long> Scaled(IReadOnlyList<int> items, int factor)
    {
        var scale = factor / (double)items.Count;
        return items.Select(item => (long)(item * scale));
    }

    private static IEnumerable<long> Nested(int[] items, int more) => Middle(items, more + 1, -1);

    private static IEnumerable<long> Middle(int[] items, int more, int less) => Scaled(items, more * less);

    private static IEnumerable<R> OfAny<T, R>(IEnumerable<T> items, Func<T, R> selector)
    {
        T[] all = [.. items];
        return all.Select(item => selector(item));
    }

    private static IEnumerable<long> BlockOfStatements(int[] items)
    {
        var sum = 0L;
        foreach (var item in items)
        {
            sum += item;
        }

        if (sum > 1_000_000)
        {
            throw new InvalidOperationException("too much");
        }

        if (sum == 4)
        {
            return items.Select(item => item + sum);
        }

        sum = -sum;
        return items.Select(item => item * sum);
    }

    private static IEnumerable<long> Constants(int[] items)
    {
        var big = items.Length > 0 ? 0x1234_5678_9ABC_DEF0L : 1;
        var real = items.Length * 1.25e-300 * 1e301;
        var single = items.Length * 0.1f;
        var small = items.Length - 100;
        return items.Select(item => item + big + (long)(real * single) - small);
    }

    private static IEnumerable<long> Loops(int[] items)
    {
        var best = int.MinValue;
        for (var i = items.Length - 1; i >= 0; i--)
        {
            for (var j = 0; j < 200; j++)
            {
                if (items[i] % (j + 2) == 0)
                {
                    continue;
                }

                best = Math.Max(best, checked(items[i] + j));
            }
        }

        return items.Select(item => (long)item - best);
    }

    private static IEnumerable<long> Switches(int[] items)
    {
        var kind = items.Length switch { 0 => 10, 1 => 20, 2 => 30, 3 => 40, 4 => 50, _ => 60 };
        return items.Select(item => (long)item + kind);
    }

    private static IEnumerable<long> Strings(int[] items)
    {
        var text = "é" + items.Length.ToString(CultureInfo.InvariantCulture) + $"{items.Length:x}|{items[0]}";
        var number = text switch { "é33|7" => 1, "é11|4" => 2, _ => text.Length };
        return items.Select(item => item + (long)number);
    }

    private static IEnumerable<long> ArraysOfConstants(int[] items)
    {
        int[] table = [3, 1, 4, 1, 5, 9, 2, 6];
        ReadOnlySpan<int> span = [2, 7, 1, 8, 2, 8];
        var first = span[items.Length % 6];
        return items.Select(item => (long)item * table[item & 7] + first);
    }

    private static IEnumerable<long> Types(int[] items)
    {
        var length = typeof(Dictionary<int, string>).Name.Length + typeof(SelectCallTests).Name.Length + Unsafe.SizeOf<(int, long)>();
        return items.Select(item => item + (long)length);
    }

    private static IEnumerable<long> Addresses(int[] items)
    {
        Span<int> copy = [.. items];
        ref var first = ref copy[0];
        first += 5;
        int.TryParse("12", NumberStyles.None, CultureInfo.InvariantCulture, out var parsed);
        var pair = (copy[0], parsed);
        pair.Item1++;
        items = [.. copy, pair.Item1];
        Increment(ref items[0]);
        return items.Select(item => (long)item + parsed);

        static void Increment(ref int number) => number++;
    }

    private static IEnumerable<long> Matrices(int[] items)
    {
        var matrix = new long[2, 3];
        matrix[1, 2] = items.Length;
        matrix[0, 1] += matrix[1, 2] * 2;
        return items.Select(item => item + matrix[0, 1]);
    }

    private static IEnumerable<long> Boxes(int[] items)
    {
        object boxed = items.Length > 2 ? Colour.Green : 1.5m;
        var name = boxed is Colour colour ? colour.ToString() : ((decimal)boxed).ToString(CultureInfo.InvariantCulture);
        var some = items.Length > 2 ? (int?)items[0] : null;
        return items.Select(item => item + (long)name.Length + (some ?? 0));
    }

    // Another delegate shares the variable, and changes it before the elements are read.
    private static IEnumerable<long> Shared(int[] items)
    {
        var count = 0L;
        Action add = () => count++;
        add();
        add();
        return items.Select(item => item + count);
    }

    // A variable of the outer block, one of the inner, and lambdas of both.
    private static IEnumerable<long> Inner(int[] items)
    {
        var outer = items.Length;
        Func<int, long> byOuter = item => item + (outer++);
        if (outer >= 0)
        {
            var inner = byOuter(5);
            return items.Select(item => item * inner + outer);
        }

        return [];
    }

    private static IEnumerable<long> InLoop(int[] items)
    {
        for (var i = 0; ; i++)
        {
            var captured = i * 10L;
            if (i == items.Length)
            {
                return items.Select(item => item + captured);
            }
        }
    }

    private static IEnumerable<long> ByLocalFunction(int[] items)
    {
        var count = 1L;
        var keep = Next;
        Next();
        keep();
        return items.Select(item => item + count);

        long Next() => count++;
    }

    private static IEnumerable<long> Recursive(int[] items) => items.Length > 5 ? Recursive(items[..5]) : items.Select(item => (long)item * items.Length);

    // What looks for types from the code that asks finds those of this assembly.
    private static IEnumerable<long> Parsed(int[] items)
    {
        var found = Type.GetType("MicroSpark.Tests.Stages.Selecting.SelectCallTests") == typeof(SelectCallTests)
            && Assembly.GetExecutingAssembly() == typeof(SelectCallTests).Assembly ? 10L : 1L;
        return items.Select(item => item * found);
    }

    private static IEnumerable<long> Named(int[] items)
    {
        var name = MethodBase.GetCurrentMethod()!.Name.Length;
        return items.Select(item => item * (long)name);
    }

    private static IEnumerable<long> Endless(int[] items) => items.Length < 0 ? Endless(items) : [];

    private static IEnumerable<long> Caught(int[] items)
    {
        try
        {
            _ = items[10_000];
        }
        catch (IndexOutOfRangeException)
        {
            items = [1];
        }

        return items.Select(item => (long)item);
    }

    private static IEnumerable<long> Iterator(int[] items)
    {
        foreach (var item in items.Select(item => (long)item))
        {
            yield return item;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IEnumerable<long> ItsOwn(int[] items) => items.Select(item => (long)item);

    private static unsafe IEnumerable<long> OnTheStack(int[] items)
    {
        var some = stackalloc int[items.Length];
        some[0] = 4;
        var first = some[0];
        return items.Select(item => (long)item + first);
    }

    private static IEnumerable<long> Indirect<S>(int[] items)
        where S : IScale => S.Scale(items);

    private readonly struct Tripling : IScale
    {
        public static IEnumerable<long> Scale(int[] items) => items.Select(item => item * 3L);
    }

    private static class Prepared
    {
        private static readonly int s_shift;

        // Runs when the method is called.
        static Prepared() => s_shift = 2;

        public static IEnumerable<long> Shifted(int[] items)
        {
            var shift = s_shift;
            return items.Select(item => (long)item << shift);
        }
    }

    private sealed class Generic<T>(T value)
    {
        public IEnumerable<long> Lengths(int[] items)
        {
            var length = value!.ToString()!.Length + (value is string ? 1 : 0);
            return items.Select(item => (long)item * length);
        }
    }

    private sealed class Multiplier(int factor)
    {
        public IEnumerable<long> Scaled(int[] items) => items.Select(item => (long)item * factor);
    }
}
