using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Specialized;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using MicroSpark.Actions;
using MicroSpark.Operators;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Closures;

/// <content>The static fields that the lambdas read.</content>
public sealed partial class WrittenStaticTests
{
    private static class Table
    {
        public static readonly List<int> List = [];
        public static readonly Dictionary<int, string> Names = [];
        public static readonly Dictionary<int, int> ByIndexer = new(4);
        public static readonly HashSet<string> Words = new(StringComparer.Ordinal);
        public static readonly int[] Array = new int[3];
        public static readonly int[] Counted = [0, 0];
        public static readonly int[] Filled = new int[2];
        public static readonly int[] Spanned = new int[2];
        public static readonly int[] Copied = new int[2];
        public static readonly Queue<int> Queue = new();
        public static readonly Stack<int> Stack = new();
        public static readonly ConcurrentDictionary<int, int> Concurrent = new();
        public static readonly ConcurrentBag<int> Bag = [];
        public static readonly LinkedList<int> Linked = new();
        public static readonly SortedDictionary<int, int> Sorted = [];
        public static readonly StringBuilder Builder = new();
        public static readonly NameValueCollection Values = [];
        public static readonly BitArray Bits = new(4);
        public static readonly JsonSerializerOptions Options = new();
        public static readonly JsonSerializerOptions Converters = new();
        public static readonly HttpClient Client = new();
        public static readonly Dictionary<string, List<int>> Nested = new() { ["a"] = [] };
        public static readonly Dictionary<string, List<int>> Found = new() { ["a"] = [] };
        public static readonly Settings Single = new();
        public static readonly Outer Behind = new();
        public static readonly List<int> ByHelper = [];
        public static readonly List<int> ByLocal = [];
        public static readonly int[] ByRef = new int[2];
        public static readonly Dictionary<int, int> ByMarshal = [];
        public static readonly ConcurrentDictionary<int, int> InLambda = new();
        public static readonly List<int> Awaited = [];
        public static readonly Settings[] Elements = [new(), new()];
        public static readonly IList Untyped = new ArrayList();
        public static readonly List<int> Late = [];
        public static readonly Point[,] Board = new Point[2, 2];
        public static readonly ConcurrentBag<int> BySharedHelper = [];
        public static readonly ConcurrentBag<int> ByReduce = [];
        public static readonly ConcurrentBag<int> ByKeptLambda = [];

        private static int s_number;
        private static string? s_text;
        private static int s_constant = 1;
        private static bool s_flag;
        private static int? s_nullable;
        private static DayOfWeek s_day;
        private static Point s_struct;
        private static int[] s_set = [1];

        private static readonly ConcurrentDictionary<int, Door> s_doors = new();
        private static readonly List<int> s_sharedPut = [];

        public static int Property { get; set; } = 1;

        public static List<int> SharedList => s_sharedPut;

        public static Door DoorOf(int x) => s_doors.GetOrAdd(x, static _ => new Door());

        /// <summary>The helper that the program filled the field with fills another list here.</summary>
        public static int SharedPut(int x)
        {
            List<int> own = [];
            Put(own);
            return own.Count + s_sharedPut.Count + x;
        }

        public static void SetAll(int x)
        {
            s_number = x;
            s_text = $"{x}";
            s_constant = x;
            s_flag = x > 0;
            s_nullable = x;
            s_day = (DayOfWeek)(x % 7);
            s_struct.X = x;
            s_set = [x];
        }

        /// <summary>Tasks do it, and the program does.</summary>
        public static void RunTasksAndMore()
        {
            Func<int, int> kept = static x =>
            {
                ByKeptLambda.Add(x);
                return x;
            };
            using var runner = new LocalRunner(1, fused: true, simulated: false);
            Source.Parallelize(runner, [1, 2], 1).Map(static x => Help(x)).Map(kept).CountAsync().GetAwaiter().GetResult();
            Help(kept(3));

            // Its function merges what the tasks came to, where the program is.
            Source.Parallelize(runner, [1, 2], 2).ReduceAsync(static (a, b) =>
            {
                ByReduce.Add(a);
                return a + b;
            }).GetAwaiter().GetResult();
        }

        private static int Help(int x)
        {
            BySharedHelper.Add(x);
            return x;
        }

        public static int Number() => NumberOf();

        public static string? Text() => TextOf();

        public static int Constant() => ConstantOf();

        public static bool Flag() => FlagOf();

        public static int? NullableNumber() => NullableOf();

        public static DayOfWeek Day() => DayOf();

        public static int StructX() => StructOf();

        public static int Replaced() => SetOf();

        public static int PropertyDeep() => PropertyOf();

        private static int NumberOf() => s_number;

        private static string? TextOf() => s_text;

        private static int ConstantOf() => s_constant;

        private static bool FlagOf() => s_flag;

        private static int? NullableOf() => s_nullable;

        private static DayOfWeek DayOf() => s_day;

        private static int StructOf() => s_struct.X;

        private static int SetOf() => s_set[0];

        private static int PropertyOf() => Property;
    }

    private static class Quiet
    {
        public static readonly List<int> Emptied = [];
        public static readonly int[] ByMethod = Squares();
        public static readonly int[] Read = [1, 2];
        public static readonly List<int> Enumerated = [1, 2];
        public static readonly int[] CopiedFrom = [1, 2];
        public static readonly List<int> Passed = [1];
        public static readonly List<int> Copy = [1];
        public static readonly int[] Untouched = new int[2];
        public static readonly CountdownEvent Signal = new(1);
        public static readonly int[] Unsorted = [2, 1];
        public static readonly string[] Parts = ["a", "b"];
        public static readonly JsonSerializerOptions Options = new() { WriteIndented = true };
        public static readonly HashSet<int> Compared = [1];
        public static readonly List<int> Locked = [1];
        public static readonly ConcurrentQueue<int> Drained = new();
        public static readonly string Title = "a";
        public static readonly ThreadLocal<int> PerThread = new();
        public static readonly Lazy<int[]> Late = new(static () => [1]);
        public static readonly int[] Sibling = [1];
        public static readonly int[] Other = [1];
        public static readonly ConcurrentDictionary<string, SemaphoreSlim> Gates = new();
        public static readonly ConcurrentBag<int> ByTasks = [];
        public static readonly ConcurrentBag<int> ByHelpers = [];
        public static readonly ConcurrentBag<int> ByIterators = [];

        private static readonly ConcurrentDictionary<int, Door> s_doors = new();
        private static readonly ConcurrentDictionary<int, string> s_cache = new();
        private static readonly Dictionary<int, int> s_warmed = [];
        private static int s_number;
        private static int s_count;
        private static int s_same = 3;
        private static int s_exchanged;
        private static int[]? s_memo;
        private static Point s_point = new() { X = 1 };

        public static Point Struct => PointOf();

        public static int UnsetProperty { get; set; }

        public static int Number() => NumberOf();

        public static int Unset() => UnsetOf();

        public static Door DoorOf(int x) => s_doors.GetOrAdd(x, static _ => new Door());

        /// <summary>Lambdas of a job write where another job's lambdas read.</summary>
        public static void RunTasks()
        {
            using var runner = new LocalRunner(1, fused: true, simulated: false);
            Source.Parallelize(runner, [1, 2], 1)
                .Map(static x =>
                {
                    ByTasks.Add(x);
                    return Help(x);
                })
                .FlatMap(static x => Iterate(x))
                .CountAsync().GetAwaiter().GetResult();
        }

        public static void Exchange() => Interlocked.Exchange(ref s_exchanged, 0);

        public static int Exchanged() => ExchangedOf();

        public static int Memo() => MemoOf();

        public static void Forget() => s_memo = null;

        public static void Again() => s_same = 3;

        public static int Same() => SameOf();

        public static string Cached(int x) => s_cache.GetOrAdd(x, static n => $"{n}");

        public static int Count() => Next();

        public static int Warm(int x)
        {
            if (!s_warmed.TryGetValue(x, out var known))
            {
                s_warmed.Add(x, known = x * x);
            }

            return known;
        }

        public static void NeverCalled() => s_number = Environment.TickCount;

        private static int Help(int x)
        {
            ByHelpers.Add(x);
            return x;
        }

        private static IEnumerable<int> Iterate(int x)
        {
            yield return x;
            ByIterators.Add(x);
        }

        private static int ExchangedOf() => s_exchanged;

        private static int NumberOf() => s_number;

        private static int Next() => Interlocked.Increment(ref s_count);

        private static Point PointOf() => s_point;

        private static int SameOf() => s_same;

        private static int UnsetOf() => UnsetProperty;

        private static int MemoOf() => (s_memo ??= Squares())[1];

        private static int[] Squares()
        {
            var squares = new int[4];
            for (var i = 0; i < squares.Length; i++)
            {
                squares[i] = i * i;
            }

            return squares;
        }
    }

    private static class ByConstructor
    {
        public static readonly Dictionary<int, int> Table = [];

        static ByConstructor() => Load();

        private static void Load()
        {
            for (var i = 0; i < 3; i++)
            {
                Table[i] = i * i;
            }
        }
    }

    private static class Registry
    {
        private static readonly Dictionary<int, int> s_known = [];

        public static void Register(int key, int value) => s_known[key] = value;

        public static int Of(int key) => s_known.GetValueOrDefault(key);
    }

    private static class Generic<T>
    {
        public static readonly List<T> Items = [];
    }

    private sealed class Settings
    {
        public static Settings Current { get; } = new();

        public int Factor { get; set; } = 1;
    }

    private sealed class Door
    {
        private int _entered;

        public int Entered => _entered;

        public int Pass() => ++_entered;
    }

    private sealed class Outer
    {
        public Settings Inner { get; } = new();
    }

    private struct Point
    {
        public int X;
    }
}

/// <summary>What a module's initializer fills is there in every process that loads it.</summary>
internal static class ModuleStart
{
    public static readonly Dictionary<int, int> Table = [];

#pragma warning disable CA2255 // what is tested
    [ModuleInitializer]
    public static void Start() => Table[1] = 1;
#pragma warning restore CA2255
}
