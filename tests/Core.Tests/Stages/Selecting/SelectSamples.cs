using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Tests.Stages.Selecting;

/// <summary>Functions that end with a <c>Select</c>, made of whatever C# has, and some that do not.</summary>
public static class SelectSamples
{
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

    public static IEnumerable<long> Constants(int[] items)
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
        var length = typeof(Dictionary<int, string>).Name.Length + typeof(SelectSamples).Name.Length + Unsafe.SizeOf<(int, long)>();
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
        var found = Type.GetType("MicroSpark.Tests.Stages.Selecting.SelectSamples") == typeof(SelectSamples)
            && Assembly.GetExecutingAssembly() == typeof(SelectSamples).Assembly ? 10L : 1L;
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
