using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace MicroSpark.Tests.Closures;

/// <content>The program whose static fields the lambdas read.</content>
public sealed partial class StaticReplacedTests
{
    internal readonly record struct Point(int X, int Y)
    {
        public int Sum() => X + Y;
    }

    private sealed class Holder
    {
        public System.Threading.Timer? Wait { get; init; }
    }

    private sealed class Helper
    {
        public int Offset { get; init; }

        public int Add(int x) => x + Offset + Program.Factor;
    }

    private readonly struct Box(int size)
    {
        public int Times(int x) => size * x * Program.Factor;
    }

    private sealed class Made(int x)
    {
        public int Value { get; } = x + Program.Factor;
    }

    private class Base
    {
        public virtual int Virtual(int x) => x + Shown2.Factor;
    }

    private sealed class Derived : Base;

    private sealed record Text(int Value)
    {
        public override string ToString() => $"{Value * Shown.Factor}";
    }

    private interface IAnswer
    {
        int Of(int x);
    }

    private sealed class Scaled : IAnswer
    {
        public int Of(int x) => x * Shown.Factor;
    }

    private static class Shown
    {
        public static int Factor = 1;
    }

    private static class Shown2
    {
        public static int Factor = 1;

        [MethodImpl(MethodImplOptions.Synchronized)]
        public static int Locked(int x) => x + Factor;
    }

    private static class Twice
    {
        public static readonly int Value = Shown2.Factor * 2;
    }

    private static class Kept
    {
        public static readonly Func<int, int> Function = static x => x * Shown2.Factor;
    }

    private static class Rounds
    {
        public static int Round;
        public static ManualResetEventSlim? Signal;

        public static int Deep(int x) => Deeper(x);

        private static int Deeper(int x) => x + Round;

        public static void Next() => Round++;

        public static bool IsSignalled(int x) => IsSet() && x > 0;

        private static bool IsSet() => Signal!.IsSet;

        public static void Arm() => Signal = new ManualResetEventSlim();
    }

    private static class Lists<T>
    {
        public static readonly List<int> All = [];
    }

    private static class Precise
    {
        public static int Factor;
        private static readonly int s_made;

        static Precise()
        {
            s_made = 40;
        }

        public static int Get(int x) => (x * Factor) + s_made;
    }

    private static class Kept<T>
    {
        public static T? Last;

        public static T? Get() => Last;
    }

    private static class Program
    {
        public static readonly DateTime Started = DateTime.UtcNow;
        public static readonly Guid Run = Guid.NewGuid();
        public static readonly string[] Arguments = Environment.GetCommandLineArgs();
        public static readonly Dictionary<int, string> Names = [];
        public static readonly HashSet<string> Words = [];
        public static readonly ConcurrentDictionary<int, int> Cache = new();
        public static int Factor;
        public static Point Point;
        public static int? Maybe;
        public static DayOfWeek Day;
        public static Holder? Gate;
        public static readonly IAnswer Answer = new Scaled();
        public static Func<int, int>? Fibonacci;

        public static int Property { get; set; }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Fill()
        {
            Names[1] = "one";
            Words.Add("a");
        }

        public static int Deep(int x) => Deeper(x) + x;

        private static int Deeper(int x) => x * Factor;

        public static string Steps(int count)
        {
            var text = "";
            for (var i = 0; i < count; i++)
            {
                var part = (i % 4) switch
                {
                    0 => $"{Factor}",
                    1 => "0",
                    2 => (i * Factor).ToString(),
                    _ => "x",
                };
                text += $"{i}:{part} ";
            }

            return text + "|" + Sum(count);
        }

        private static int Sum(int count) => count == 0 ? 0 : Factor + Sum(count - 1);

        public static IEnumerable<int> Iterate(int x)
        {
            yield return x + Factor;
        }

        public static int Disposes(int x)
        {
            foreach (var number in (IEnumerable<int>)[x])
            {
                x += number + Factor;
            }

            return x;
        }

        public static int Memo(int x) => Cache.TryGetValue(x, out var known) ? known + s_other : Cache[x] = x + s_other;

        public static int ByReference(in int value) => value;

        public static ref readonly int Reference() => ref Factor;

        private static int s_other = 1;
    }
}

internal static class TagExtensions
{
    private static int s_tag = 6;

    public static string Tagged(this string text, int x) => $"{text}{x}.{s_tag}";
}
