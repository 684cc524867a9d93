using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Tests.Closures;
using static MicroSpark.Tests.Closures.Capturing;

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
        var k = 1;
        var name = "a";
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
        var count = 0;
        var seen = new List<int>();
        var closure = Capture((int x) =>
        {
            seen.Add(x);
            return ++count + seen.Count;
        });
        var first = closure.CreateInstance();

        Assert.Equal([2, 4, 6], new[] { first(0), first(0), first(0) });
        Assert.Equal(2, closure.CreateInstance()(0));
        Assert.Empty(seen);
    }

    [Fact]
    public void Instances_that_nobody_can_change_are_shared()
    {
        var k = 2;
        var name = "n";
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
        foreach (var step in new[] { 1, 2, 3 })
        {
            for (var i = 0; i < 2; i++)
            {
                var j = i * 10;
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
        var suffix = "!";
        var closure = Closure<Func<Person, string>>.Capture(person => person.Name + suffix, "Map", "f");
        using var space = TestSpace.Isolated();
        var person = space.Get(CodeSpace.Process.IdOf(typeof(Person).Assembly)!.Value).GetType(typeof(Person).FullName!)!;
        var type = typeof(Closure<>).MakeGenericType(typeof(Func<,>).MakeGenericType(person, typeof(string)));
        var there = type.GetMethod("FromEncoded")!.Invoke(null, [closure.Encoded, space])!;
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
        var count = 0;
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
        var prefix = "p";
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
        var k = 5;
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
            for (var i = 0; i < count; i++)
            {
                yield return i + (k - k) + (_threshold / 10);
            }
        }
    }

    [Fact]
    public void Nested_lambdas_find_their_captures()
    {
        var k = 2;
        AssertRuns(x => Enumerable.Range(0, x).Select(i => Enumerable.Range(0, i).Select(j => i * j * k + _threshold).Sum()).Sum(), 4, 82);
    }

    private int Scaled(int x) => x + _threshold + 6;
}
