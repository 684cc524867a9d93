using System.Runtime.CompilerServices;
using MicroSpark.Closures;

namespace MicroSpark.Tests.Closures;

/// <summary>Lambdas of every shape, captured, encoded, and run in the process's space and in one with its own copy of this assembly.</summary>
public class ClosureTests
{
    private readonly int _threshold = 10;
    private readonly StreamReader _unused = StreamReader.Null;
    private readonly Sensor _sensor = new("s1", 7) { Log = StreamWriter.Null };

    private static int Twice(int x) => x * 2;

    [Fact]
    public void Lambdas_that_capture_nothing()
    {
        AssertRuns(x => x + 1, 41, 42);
        AssertRuns(static x => x * 2, 21, 42);
        AssertRuns(Twice, 21, 42);
        AssertRuns<string, int>(int.Parse, "42", 42);
        AssertRuns<string, string>(Uri.EscapeDataString, "a b", "a%20b");
        AssertRuns<double, double>(Math.Sqrt, 4, 2);
    }

    [Fact]
    public void Captured_variables_keep_the_value_they_had()
    {
        int k = 1;
        string name = "a";
        var closure = Capture((int x) => name + (x + k));
        k = 100;
        name = "b";

        Assert.Equal("a3", closure.CreateInstance()(2));
    }

    [Fact]
    public void Captured_collections_keep_the_items_they_had()
    {
        var list = new List<int> { 1, 2 };
        var closure = Capture((int x) => list.Sum() + x);
        list.Add(100);

        Assert.Equal(3, closure.CreateInstance()(0));
    }

    [Fact]
    public void Each_task_has_a_copy_of_its_own()
    {
        int count = 0;
        var seen = new List<int>();
        var closure = Capture((int x) =>
        {
            seen.Add(x);
            return ++count + seen.Count;
        });
        Func<int, int> first = closure.CreateInstance();

        Assert.Equal([2, 4, 6], new[] { first(0), first(0), first(0) });
        Assert.Equal(2, closure.CreateInstance()(0));
        Assert.Empty(seen);
    }

    [Fact]
    public void Instances_that_nobody_can_change_are_shared()
    {
        int k = 2;
        string name = "n";
        var list = new List<int>();
        AssertShared(true, (int x) => x + 1);
        AssertShared(true, Twice);
        AssertShared(true, (int x) => x + k + name.Length);
        AssertShared(true, (int x) => x + _threshold);
        AssertShared(false, (int x) => x + list.Count);
        AssertShared(false, (int x) => k += x);

        static void AssertShared(bool expected, Func<int, int> function)
        {
            var closure = Capture(function);
            Assert.Equal(expected, ReferenceEquals(closure.CreateInstance(), closure.CreateInstance()));
        }
    }

    [Fact]
    public void This_travels_by_the_fields_that_are_read()
    {
        AssertRuns(x => x + _threshold, 1, 11);
        AssertRuns(x => x + _sensor.Scale, 1, 8);
        AssertRuns(Scaled, 1, 17);
        Assert.NotNull(_unused);
    }

    [Fact]
    public void Loop_variables_are_each_their_own()
    {
        var closures = new List<Closure<Func<int, int>>>();
        foreach (int step in new[] { 1, 2, 3 })
        {
            for (int i = 0; i < 2; i++)
            {
                int j = i * 10;
                closures.Add(Capture((int x) => x + step + j));
            }
        }

        Assert.Equal([1, 11, 2, 12, 3, 13], closures.Select(closure => closure.CreateInstance()(0)));
    }

    [Fact]
    public void User_types_travel_and_are_the_spaces_own()
    {
        var person = new Person("Ada", [new("maths", 1)], Level.High);
        var byName = new Dictionary<string, Person>(StringComparer.OrdinalIgnoreCase) { ["ada"] = person };
        (int, Person)? pair = (1, person);
        int? nothing = null;

        AssertRuns<string, string>(
            name => $"{byName[name]} {byName[name] == pair!.Value.Item2} {ReferenceEquals(byName[name], person)} {nothing}",
            "ADA",
            $"{person} True True ");

        var closure = Capture((int x) => person.GetType().Assembly.IsCollectible ? "copy" : "own");
        using var space = TestSpace.Isolated();
        Assert.Equal("own", closure.CreateInstance()(0));
        Assert.Equal("copy", TestSpace.In(space, closure).CreateInstance()(0));
    }

    [Fact]
    public void User_types_in_the_signature_are_the_spaces_own()
    {
        string suffix = "!";
        var closure = Closure<Func<Person, string>>.Capture(person => person.Name + suffix, "Map", "f");
        using var space = TestSpace.Isolated();
        Type person = space.Get(CodeSpace.Process.IdOf(typeof(Person).Assembly)!.Value).GetType(typeof(Person).FullName!)!;
        Type type = typeof(Closure<>).MakeGenericType(typeof(Func<,>).MakeGenericType(person, typeof(string)));
        object there = type.GetMethod("FromEncoded")!.Invoke(null, [closure.Encoded, space])!;
        var function = (Delegate)type.GetMethod("CreateInstance")!.Invoke(there, null)!;

        Assert.NotSame(typeof(Person), person);
        Assert.Equal("Eve!", function.DynamicInvoke(Activator.CreateInstance(person, "Eve", null, null)));
    }

    [Fact]
    public void Delegates_in_delegates()
    {
        Func<int, int> inner = x => x + _threshold;
        Func<int, int> twice = x => inner(inner(x));
        var rules = new List<Func<int, int>> { inner, twice, Twice };

        AssertRuns(twice, 1, 21);
        AssertRuns(x => rules.Aggregate(x, (value, rule) => rule(value)), 1, 62);
        AssertRuns(new Func<int, int>(inner.Invoke), 1, 11);
    }

    [Fact]
    public void Recursion_through_a_captured_variable()
    {
        Func<int, int> factorial = null!;
        factorial = n => n <= 1 ? 1 : n * factorial(n - 1);
        Func<int, bool> even = null!, odd = null!;
        even = n => n == 0 || odd(n - 1);
        odd = n => n != 0 && even(n - 1);
        var all = new List<Func<int, int>> { factorial };

        AssertRuns(factorial, 5, 120);
        AssertRuns(x => factorial(x), 5, 120);
        AssertRuns(x => all[0](x), 5, 120);
        AssertRuns(even, 10, true);
        AssertRuns(odd, 10, false);
    }

    [Fact]
    public void Variables_shared_by_two_captured_lambdas_stay_shared()
    {
        int count = 0;
        Func<int> next = () => ++count;
        AssertRuns(x => next() + next() + (count * x), 10, 23);

        var both = new List<Func<int>> { next, () => count };
        AssertRuns(x => both[0]() + both[0]() + (both[1]() * x), 10, 23);
    }

    [Fact]
    public void An_object_reached_in_part_and_whole_stays_one()
    {
        var sensor = new Sensor("s2", 3);
        var all = new List<Sensor> { sensor };
        AssertRuns(x => { sensor.Scale += x; return all[0].Scale + all.IndexOf(sensor); }, 4, 7);
    }

    [Fact]
    public void Variance()
    {
        string prefix = "p";
        Func<object, string> general = o => prefix + o;
        AssertRuns<string, object>(general, "x", "px");
        Func<string, object> special = general;
        AssertRuns<string, string>(s => (string)special(s), "y", "py");
    }

    [Fact]
    public void Method_groups_on_captured_objects()
    {
        var set = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "a" };
        AssertRuns(set.Contains, "A", true);
        AssertRuns(new Person("Ada", [], Level.Low).Greet, "Hi", "Hi Ada");
        AssertRuns(new Offset(5).Add, 1, 6);
        AssertRuns("abc".IndexOf, 'c', 2);
        AssertRuns(new Derived(3).Virtual, 1, 301);
        AssertRuns(((Base)new Derived(3)).Virtual, 1, 301);
        AssertRuns("a,b".Joined, "-", "a,b-");
        AssertRuns(new List<int> { 4, 5 }.Nth, 1, 5);
    }

    [Fact]
    public void Generic_methods_and_classes()
    {
        AssertRuns(Generic<string>.Make<int>("a", 7), 1, "a 7 1 String Int32");
        AssertRuns(Generic<Person>.Make<List<Level>>(new Person("P", null, null), [Level.High]), 1, $"{new Person("P", null, null)} {new List<Level>()} 1 Person List`1");
        AssertRuns(Generic<int>.Static<long>, 3, "3 Int32 Int64");
    }

    [Fact]
    public void Lambdas_in_struct_methods_and_constructors()
    {
        AssertRuns(new Offset(5).Lambda(), 1, 6);
        AssertRuns(new InConstructor(4).Function, 1, 5);
        AssertRuns(new Primary(6, StreamWriter.Null).Function(), 1, 7);
    }

    [Fact]
    public async Task Async_lambdas_and_iterators()
    {
        int k = 5;
        AssertRuns(x => Numbers(x).Sum() + k, 3, 11);
        var closure = Capture(async (int x) =>
        {
            await Task.Yield();
            return x + k + _threshold;
        });
        using var space = TestSpace.Isolated();
        Assert.Equal(16, await closure.CreateInstance()(1));
        Assert.Equal(16, await TestSpace.In(space, closure).CreateInstance()(1));

        IEnumerable<int> Numbers(int count)
        {
            for (int i = 0; i < count; i++)
            {
                yield return i + (k - k) + (_threshold / 10);
            }
        }
    }

    [Fact]
    public void Nested_lambdas_find_their_captures()
    {
        int k = 2;
        AssertRuns(x => Enumerable.Range(0, x).Select(i => Enumerable.Range(0, i).Select(j => i * j * k + _threshold).Sum()).Sum(), 4, 82);
    }

    [Fact]
    public void Closures_of_lambdas_the_compiler_caches_are_the_same_before_and_after_a_call()
    {
        int k = 3;
        Func<int, int> function = x => Enumerable.Range(0, x).Count(i => i < k);
        ReadOnlyMemory<byte> before = Capture(function).Encoded;
        Assert.Equal(3, function(10));

        Assert.True(before.Span.SequenceEqual(Capture(function).Encoded.Span));
    }

    [Fact]
    public void Equal_lambdas_have_equal_encodings_and_others_do_not()
    {
        Closure<Func<int, int>> first = Make(1), same = Make(1), other = Make(2);

        Assert.True(first.Encoded.Span.SequenceEqual(same.Encoded.Span));
        Assert.False(first.Encoded.Span.SequenceEqual(other.Encoded.Span));
        Assert.False(first.Encoded.Span.SequenceEqual(Capture((int x) => x + 1).Encoded.Span));
        Assert.True(first.HasStableIdentity);

        static Closure<Func<int, int>> Make(int k) => Capture((int x) => x + k);
    }

    [Fact]
    public void It_names_the_assemblies_it_needs()
    {
        AssemblyId own = CodeSpace.Process.IdOf(typeof(ClosureTests).Assembly)!.Value;
        Assert.Equal([own], Capture((int x) => x).Assemblies);
        Assert.Empty(Closure<Func<string, int>>.Capture(int.Parse, "Map", "f").Assemblies);
        var size = new CsCheck.Size(1, null!);
        Assert.Equal(
            [own, CodeSpace.Process.IdOf(typeof(CsCheck.Size).Assembly)!.Value],
            Closure<Func<int, bool>>.Capture(x => size == null, "Filter", "f").Assemblies.Order(Comparer<AssemblyId>.Create((a, b) => a == own ? -1 : 1)));
    }

    [Fact]
    public void It_has_a_readable_name()
    {
        int line = Line() + 1;
        Assert.Equal($"ClosureTests.It_has_a_readable_name lambda (ClosureTests.cs:{line})", Capture((int x) => x).DisplayName);
        Assert.StartsWith("ClosureTests.Twice (ClosureTests.cs:", Capture<Func<int, int>>(Twice).DisplayName, StringComparison.Ordinal);
        Assert.StartsWith("ClosureTests.It_has_a_readable_name local function Local (", Capture<Func<int, int>>(Local).DisplayName, StringComparison.Ordinal);
        Assert.Equal("int.Parse", Capture<Func<string, int>>(int.Parse).DisplayName);

        using var space = TestSpace.Isolated();
        Assert.Equal($"ClosureTests.It_has_a_readable_name lambda (ClosureTests.cs:{Line() + 0})", TestSpace.In(space, Capture((int x) => x)).DisplayName);

        static int Local(int x) => x;

        static int Line([CallerLineNumber] int number = 0) => number;
    }

    [Fact]
    public void Large_captures_are_warned_about_once()
    {
        var warnings = new List<ClosureWarning>();
        ClosureWarnings.Raised += OnRaised;
        try
        {
            foreach (int size in new[] { 10, 2_000_000, 2_000_000 })
            {
                byte[] data = new byte[size];
                _ = Closure<Func<int, int>>.Capture(x => data.Length + x, "MapThatIsLarge", "f");
            }
        }
        finally
        {
            ClosureWarnings.Raised -= OnRaised;
        }

        ClosureWarning warning = Assert.Single(warnings);
        Assert.Contains("Broadcast", warning.Message, StringComparison.Ordinal);

        void OnRaised(ClosureWarning raised)
        {
            if (raised.OperatorName == "MapThatIsLarge")
            {
                warnings.Add(raised);
            }
        }
    }

    [Fact]
    public void Values_that_want_to_know_are_asked()
    {
        var direct = new Asking();
        var nested = new List<object> { new Asking() };
        Capture((int x) => direct.Value + nested.Count);

        Assert.Equal(("Map", "f"), direct.Asked);
        Assert.Equal(("Map", "f"), ((Asking)nested[0]).Asked);
    }

    [Fact]
    public void Damaged_encodings_are_refused()
    {
        int k = 1;
        var list = new List<string> { "a" };
        byte[] good = Capture((int x) => x + k + list.Count).Encoded.ToArray();
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x55;
            TryRead(bad);
            TryRead(good[..i]);
        }

        static void TryRead(byte[] bytes)
        {
            try
            {
                _ = Closure<Func<int, int>>.FromEncoded(bytes, CodeSpace.Process).CreateInstance();
            }
            catch (Exception error)
            {
                // A changed assembly id is an unknown assembly.
                Assert.True(error is InvalidDataException or InvalidOperationException or IndexOutOfRangeException, error.ToString());
            }
        }
    }

    private int Scaled(int x) => x + _threshold + 6;

    private static Closure<TDelegate> Capture<TDelegate>(TDelegate function)
        where TDelegate : Delegate => Closure<TDelegate>.Capture(function, "Map", "f");

    private static void AssertRuns<TIn, TOut>(Func<TIn, TOut> function, TIn input, TOut expected)
    {
        Closure<Func<TIn, TOut>> closure = Capture(function);
        Assert.Equal(expected, closure.CreateInstance()(input));
        using var space = TestSpace.Isolated();
        Closure<Func<TIn, TOut>> there = TestSpace.In(space, closure);
        Assert.Equal(expected, there.CreateInstance()(input));
        Assert.Equal(closure.Method.Module.ModuleVersionId, there.Method.Module.ModuleVersionId);
    }

    internal enum Level
    {
        Low,
        High,
    }

    internal sealed record Skill(string Name, int Rank);

    internal sealed record Person(string Name, List<Skill>? Skills, Level? Level)
    {
        public string Greet(string greeting) => greeting + " " + Name;
    }

    internal sealed class Sensor(string name, int scale)
    {
        public string Name { get; } = name;

        public int Scale { get; set; } = scale;

        public TextWriter? Log { get; set; }
    }

    internal readonly struct Offset(int by)
    {
        private readonly int _by = by;

        public int Add(int x) => x + _by;

        public Func<int, int> Lambda()
        {
            Offset copy = this;
            return x => copy.Add(x);
        }
    }

    internal class Base(int k)
    {
        protected int K => k;

        public virtual int Virtual(int x) => x + K;
    }

    internal sealed class Derived(int k) : Base(k)
    {
        public override int Virtual(int x) => x + (100 * K);
    }

    internal static class Generic<T>
    {
        public static Func<int, string> Make<U>(T t, U u) => x => $"{t} {u} {x} {typeof(T).Name} {typeof(U).Name}";

        public static string Static<U>(int x) => $"{x} {typeof(T).Name} {typeof(U).Name}";
    }

    internal sealed class InConstructor
    {
        private readonly int _k;

        public InConstructor(int k)
        {
            _k = k;
            Function = x => x + _k;
        }

        public Func<int, int> Function { get; }
    }

    internal sealed class Primary(int k, TextWriter log)
    {
        public Func<int, int> Function() => x => x + k;

        public void Log() => log.Write(k);
    }

    internal sealed class Asking : IShippable
    {
        [NonSerialized]
        public (string, string) Asked;

        public int Value => 1;

        public void OnCapture(CaptureContext context) => Asked = (context.OperatorName, context.ParameterName);
    }
}

internal static class Extensions
{
    public static string Joined(this string first, string second) => first + second;

    public static int Nth(this List<int> list, int index) => list[index];
}

internal static class TestSpace
{
    /// <summary>A space with its own copy of this assembly and all that it references.</summary>
    public static CodeSpace Isolated()
    {
        var space = CodeSpace.Create(useProcess: false);
        foreach (ShippedAssembly assembly in s_all.Value)
        {
            space.Load(assembly);
        }

        return space;
    }

    private static readonly Lazy<IReadOnlyList<ShippedAssembly>> s_all = new(() =>
        ShippedAssembly.ClosureOf([CodeSpace.Process.IdOf(typeof(TestSpace).Assembly)!.Value]));

    public static Closure<TDelegate> In<TDelegate>(CodeSpace space, Closure<TDelegate> closure)
        where TDelegate : Delegate => Closure<TDelegate>.FromEncoded(closure.Encoded, space);
}
