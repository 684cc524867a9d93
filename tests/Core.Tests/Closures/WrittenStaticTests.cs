using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Specialized;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MicroSpark.Closures;

namespace MicroSpark.Tests.Closures;

/// <summary>
/// What other code of the program wrote into a static field before a lambda was declared is not there on a worker: refused. What only
/// initializers and the lambda's own path write is made by each worker, and goes on working.
/// </summary>
public sealed class WrittenStaticTests
{
    public static TheoryData<string, Func<int, object?>> Written => new()
    {
        { "s_number", _ => Table.Number() },
        { "s_text", _ => Table.Text() },
        { "s_constant", _ => Table.Constant() },
        { "s_flag", _ => Table.Flag() },
        { "s_nullable", _ => Table.NullableNumber() },
        { "s_day", _ => Table.Day() },
        { "s_struct", _ => Table.StructX() },
        { "Property", _ => Table.PropertyDeep() },
        { "s_set", _ => Table.Replaced() },
        { "List", x => Table.List[x] },
        { "Names", x => Table.Names[x] },
        { "ByIndexer", x => Table.ByIndexer.TryGetValue(x, out var found) ? found : 0 },
        { "Words", x => Table.Words.Contains($"{x}") },
        { "Array", x => Table.Array[x] },
        { "Counted", x => Table.Counted[x] },
        { "Filled", x => Table.Filled[x] },
        { "Spanned", x => Table.Spanned[x] },
        { "Copied", x => Table.Copied[x] },
        { "Queue", _ => Table.Queue.Count },
        { "Stack", _ => Table.Stack.Count },
        { "Concurrent", x => Table.Concurrent[x] },
        { "Bag", _ => Table.Bag.Count },
        { "Linked", _ => Table.Linked.Count },
        { "Sorted", _ => Table.Sorted.Count },
        { "Builder", _ => Table.Builder.ToString() },
        { "Values", _ => Table.Values["a"] },
        { "Bits", x => Table.Bits[x] },
        { "Options", x => JsonSerializer.Serialize(x, Table.Options) },
        { "Converters", x => JsonSerializer.Serialize(x, Table.Converters) },
        { "Client", _ => Table.Client.DefaultRequestHeaders },
        { "Nested", x => Table.Nested["a"][x] },
        { "Found", x => Table.Found["a"][x] },
        { "Single", _ => Table.Single.Factor },
        { "Behind", _ => Table.Behind.Inner.Factor },
        { "<Current>k__BackingField", _ => Settings.Current.Factor },
        { "ByHelper", x => Table.ByHelper[x] },
        { "ByLocal", x => Table.ByLocal[x] },
        { "ByRef", x => Table.ByRef[x] },
        { "ByMarshal", x => Table.ByMarshal[x] },
        { "InLambda", x => Table.InLambda[x] },
        { "Awaited", x => Table.Awaited[x] },
        { "Elements", x => Table.Elements[x].Factor },
        { "Untyped", _ => Table.Untyped.Count },
        { "Registry", x => Registry.Of(x) },
        { "Late", x => DeepRead(x) },
    };

    public static TheoryData<string, Func<int, object?>> Alike => new()
    {
        { "number that nobody sets", _ => Quiet.Number() },
        { "property with a setter that nobody calls", _ => Quiet.Unset() },
        { "emptied only", _ => Quiet.Emptied.Count },
        { "set to null only", _ => Quiet.Memo() },
        { "filled by its initializer's method", x => Quiet.ByMethod[x] },
        { "filled by its static constructor", x => ByConstructor.Table[x] },
        { "filled by the module's initializer", x => ModuleStart.Table[x] },
        { "cache of the lambda's own", x => Quiet.Cached(x) },
        { "warmed cache", x => Quiet.Warm(x) },
        { "counter of the lambda's own", _ => Quiet.Count() },
        { "read elsewhere", x => Quiet.Read[x] },
        { "enumerated elsewhere", x => Quiet.Enumerated[x] },
        { "copied elsewhere", x => Quiet.CopiedFrom[x] },
        { "passed to a reader", x => Quiet.Passed[x] },
        { "copy changed elsewhere", x => Quiet.Copy[x] },
        { "struct copied and changed elsewhere", _ => Quiet.Struct.X },
        { "unwritten array", x => Quiet.Untouched[x] },
        { "constant set to itself", _ => Quiet.Same() },
        { "gate", _ => Quiet.Signal.CurrentCount },
        { "watch that is read", _ => Quiet.Read.Length },
        { "sorted copy", x => Quiet.Unsorted[x] },
        { "joined", _ => string.Join(',', Quiet.Parts) },
        { "serialised elsewhere", x => JsonSerializer.Serialize(x, Quiet.Options) },
        { "compared elsewhere", x => Quiet.Compared.Contains(x) },
        { "locked elsewhere", _ => Quiet.Locked.Count },
        { "dequeued from nothing", _ => Quiet.Drained.Count },
        { "replaced text's copy", _ => Quiet.Title },
        { "per thread", _ => Quiet.PerThread.Value },
        { "lazy asked elsewhere", _ => Quiet.Late.Value[0] },
        { "written by a sibling of another field", x => Quiet.Sibling[x] },
        { "generic", _ => Generic<int>.Items.Count },
    };

    [Theory, MemberData(nameof(Written))]
    public void What_the_program_wrote_before_is_refused_with_the_way_out(string field, Func<int, object?> lambda)
    {
        Fill();
        var error = Assert.Throws<ClosureNotShippableException>(() => Closure<Func<int, object?>>.Capture(lambda, "Map", "f"));
        Assert.Contains(field.StartsWith('<') ? "Settings.Current" : field, error.FieldPath, StringComparison.Ordinal);
        Assert.Contains("Copy the value to a local variable before", error.Message, StringComparison.Ordinal);
        Assert.Contains(" writes. No worker runs that", error.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Alike))]
    public void What_every_worker_makes_by_itself_goes_on_working(string name, Func<int, object?> lambda)
    {
        Use();
        Assert.NotNull(name);
        Assert.NotNull(Closure<Func<int, object?>>.Capture(lambda, "Map", "f"));
    }

    [Fact]
    public void What_is_not_written_yet_is_no_reason()
    {
        Assert.NotNull(Closure<Func<int, int>>.Capture(static x => Later(x), "Map", "f"));
        s_notYet.Add(1);
        Assert.Throws<ClosureNotShippableException>(() => Closure<Func<int, int>>.Capture(static x => Later(x), "Map", "f"));
        s_notYet.Clear();
        Assert.NotNull(Closure<Func<int, int>>.Capture(static x => Later(x), "Map", "f"));
    }

    [Fact]
    public void The_way_out_works()
    {
        Fill();
        var names = Table.Names;
        Assert.NotNull(Closure<Func<int, string>>.Capture(x => names[x], "Map", "f"));
    }

    private static readonly List<int> s_notYet = [];

    private static int Later(int x) => s_notYet.Count + x;

    private static int DeepRead(int x) => Deeper(x) + 1;

    private static int Deeper(int x) => Table.Late.Count + x;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill() => FillAsync().GetAwaiter().GetResult();

    private static async Task FillAsync()
    {
        Table.SetAll(8);
        Table.Property = 8;
        Table.List.Add(8);
        Table.Names.TryAdd(1, "one");
        Table.ByIndexer[1] = 8;
        Table.Words.UnionWith(["a"]);
        Table.Array[1] = 8;
        Table.Counted[1]++;
        Array.Fill(Table.Filled, 8);
        Table.Spanned.AsSpan(1).Fill(8);
        Array.Copy(Table.Array, Table.Copied, 2);
        Table.Queue.Enqueue(1);
        Table.Stack.Push(1);
        Table.Concurrent.AddOrUpdate(1, 8, (_, old) => old);
        Table.Bag.Add(1);
        Table.Linked.AddLast(1);
        Table.Sorted.TryAdd(1, 8);
        Table.Builder.Append('a').Append(1);
        Table.Values["a"] = "b";
        Table.Bits.Set(1, true);
        if (!Table.Options.IsReadOnly)
        {
            Table.Options.WriteIndented = true;
            Table.Converters.Converters.Add(new System.Text.Json.Serialization.JsonStringEnumConverter());
        }

        Table.Client.DefaultRequestHeaders.Clear();
        Table.Client.DefaultRequestHeaders.Add("a", "b");
        Table.Nested["a"].Add(1);
        if (Table.Found.TryGetValue("a", out var found))
        {
            found.Add(1);
        }

        Table.Single.Factor = 8;
        Table.Behind.Inner.Factor = 8;
        Settings.Current.Factor = 8;
        Put(Table.ByHelper);
        var local = Table.ByLocal;
        for (var i = 0; i < 2; i++)
        {
            local.Add(i);
        }

        Set(ref Table.ByRef[1]);
        CollectionsMarshal.GetValueRefOrAddDefault(Table.ByMarshal, 1, out _) = 8;
        Parallel.For(0, 2, static i => Table.InLambda.TryAdd(i, i));
        await Task.Yield();
        Table.Awaited.Add(1);
        foreach (var element in Table.Elements)
        {
            element.Factor = 8;
        }

        Table.Untyped.Add(1);
        Registry.Register(1, 8);
        Table.Late.Add(1);
    }

    private static void Put(List<int> list) => list.Add(8);

    private static void Set(ref int place) => place = 8;

    /// <summary>What programs do with statics beside writing them.</summary>
    private static void Use()
    {
        Quiet.Emptied.Clear();
        Quiet.Forget();
        Quiet.Warm(3);
        Quiet.Cached(3);
        Quiet.Count();
        var sum = Quiet.Read[0] + Quiet.Read.Length;
        foreach (var number in Quiet.Enumerated)
        {
            sum += number;
        }

        int[] copy = [.. Quiet.CopiedFrom];
        copy[0] = sum;
        Take(Quiet.Passed);
        var list = Quiet.Copy.ToList();
        list.Add(sum);
        var moved = Quiet.Struct;
        moved.X = 3;
        copy[0] = moved.X;
        Quiet.Signal.Reset(2);
        var sorted = Quiet.Unsorted.ToArray();
        Array.Sort(sorted);
        _ = JsonSerializer.Serialize(sorted, Quiet.Options);
        lock (Quiet.Locked)
        {
            copy[0] = Quiet.Compared.SetEquals([1]) ? 1 : 0;
        }

        Quiet.Drained.TryDequeue(out _);
        _ = Quiet.Title.Replace('a', 'b');
        Quiet.PerThread.Value = 5;
        _ = Quiet.Late.Value.Length;
        Quiet.Other[0] = 4;
        Quiet.Again();
        Generic<string>.Items.Add("a");
    }

    private static int Take(IReadOnlyList<int> numbers) => numbers[0];

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

        private static int s_number;
        private static string? s_text;
        private static int s_constant = 1;
        private static bool s_flag;
        private static int? s_nullable;
        private static DayOfWeek s_day;
        private static Point s_struct;
        private static int[] s_set = [1];

        public static int Property { get; set; } = 1;

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

        private static readonly ConcurrentDictionary<int, string> s_cache = new();
        private static readonly Dictionary<int, int> s_warmed = [];
        private static int s_number;
        private static int s_count;
        private static int s_same = 3;
        private static int[]? s_memo;
        private static Point s_point = new() { X = 1 };

        public static Point Struct => PointOf();

        public static int UnsetProperty { get; set; }

        public static int Number() => NumberOf();

        public static int Unset() => UnsetOf();

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
