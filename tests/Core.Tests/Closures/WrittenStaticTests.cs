using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using MicroSpark.Closures;

namespace MicroSpark.Tests.Closures;

/// <summary>
/// What other code of the program wrote into a static field before a lambda was declared is not there on a worker: its value travels. What only
/// initializers and the lambda's own path write is made by each worker, and goes on working.
/// </summary>
public sealed partial class WrittenStaticTests
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
        { "Bits", x => Table.Bits[x] },
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
        { "Registry", x => Registry.Of(x) },
        { "Late", x => DeepRead(x) },
        { "Board", x => Table.Board[x, 0].X },
        { "ByReduce", x => Table.ByReduce.Contains(x) },
        { "BySharedHelper", x => Table.BySharedHelper.Contains(x) },
        { "ByKeptLambda", x => Table.ByKeptLambda.Contains(x) },
        { "s_sharedPut", x => Table.SharedPut(x) },
    };

    public static TheoryData<string, Func<int, object?>> Unfit => new()
    {
        { "Values", _ => Table.Values["a"] },
        { "Options", x => JsonSerializer.Serialize(x, Table.Options) },
        { "Converters", x => JsonSerializer.Serialize(x, Table.Converters) },
        { "Client", _ => Table.Client.DefaultRequestHeaders },
        { "Untyped", _ => Table.Untyped.Count },
    };

    public static TheoryData<string, Func<int, object?>> Refused => new()
    {
        { "s_doors", x => Table.DoorOf(x).Entered },
        { "List", x => Enumerable.Range(0, x).Select(static i => Table.List[i]).First() },
        { "Names", x => Listed(x).First() },
        { "Words", x => new Asking(x).Answer },
        { "Array", x => Locking(x) },
        { "Late", x => ((IAnswer)new Reading()).Of(x) },
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
        { "changed elsewhere as the lambda does", x => Quiet.DoorOf(x).Pass() },
        { "written in tasks of another job", x => Quiet.ByTasks.Contains(x) },
        { "written in tasks by a helper", x => Quiet.ByHelpers.Contains(x) },
        { "written in tasks by an iterator", x => Quiet.ByIterators.Contains(x) },
        { "table of gates", x => Quiet.Gates[$"{x}"].CurrentCount },
        { "exchanged for nothing", _ => Quiet.Exchanged() },
        { "generic", _ => Generic<int>.Items.Count },
    };

    [Theory, MemberData(nameof(Written))]
    public void What_the_program_wrote_before_is_taken_when_it_is_declared(string field, Func<int, object?> lambda)
    {
        Fill();
        Assert.NotNull(field);
        StaticValueTests.SameThere(lambda);
    }

    [Theory, MemberData(nameof(Unfit))]
    public void What_it_wrote_and_what_cannot_travel_is_refused_by_its_path(string field, Func<int, object?> lambda)
    {
        Fill();
        var error = Assert.Throws<ClosureNotShippableException>(() => Closure<Func<int, object?>>.Capture(lambda, "Map", "f"));
        Assert.Contains(field, error.FieldPath, StringComparison.Ordinal);
        Assert.Contains("cannot be sent to workers", error.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Refused))]
    public void Where_its_value_cannot_stand_in_it_is_refused_with_the_way_out(string field, Func<int, object?> lambda)
    {
        Fill();
        var error = Assert.Throws<ClosureNotShippableException>(() => Closure<Func<int, object?>>.Capture(lambda, "Map", "f"));
        Assert.Contains(field.StartsWith('<') ? "Settings.Current" : field, error.FieldPath, StringComparison.Ordinal);
        Assert.Contains("to a local variable before", error.Message, StringComparison.Ordinal);
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
        var before = Closure<Func<int, int>>.Capture(static x => Later(x), "Map", "f");
        s_notYet.Add(1);
        var written = Closure<Func<int, int>>.Capture(static x => Later(x), "Map", "f");
        s_notYet.Clear();
        using var space = TestSpace.Isolated();
        Assert.Equal(5, TestSpace.In(space, before).CreateInstance()(5));
        Assert.Equal(6, TestSpace.In(space, written).CreateInstance()(5));
        Assert.True(written.Encoded.Length > before.Encoded.Length);
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
        Table.DoorOf(1).Pass();
        Put(Table.SharedList);
        Table.RunTasksAndMore();
        Table.Board[1, 0] = new Point { X = 8 };
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
        Quiet.DoorOf(3).Pass();
        Quiet.Gates["1"] = new SemaphoreSlim(1);
        Quiet.Exchange();
        Quiet.RunTasks();
        Generic<string>.Items.Add("a");
    }

    private static IEnumerable<string> Listed(int x)
    {
        yield return Table.Names[x];
    }

    private static int Locking(int x)
    {
        lock (Quiet.Locked)
        {
            return Table.Array[x];
        }
    }

    private sealed class Asking(int x)
    {
        public bool Answer { get; } = Table.Words.Contains($"{x}");
    }

    private interface IAnswer
    {
        int Of(int x) => Table.Late.Count + x;
    }

    private sealed class Reading : IAnswer;

    private static int Take(IReadOnlyList<int> numbers) => numbers[0];
}
