using System.Reflection;
using MicroSpark.Closures;

namespace MicroSpark.Tests.Closures;

/// <summary>What the IL analysis finds, written as <c>{ limits: { Low } }</c>; <c>*</c> is all of an object.</summary>
public class FieldNeedsTests
{
    private readonly Limits _limits = new();
    private readonly string _name = "n";
    private readonly List<int> _list = [];
    private Limits? _next;
    private Point _point;
    private int _count;

    private int Doubled => _count * 2;

    private Limits Config => _limits;

    [Fact]
    public void One_field_of_this_is_one_field() => AssertNeeds("{_name}", (int x) => x + _name.Length);

    [Fact]
    public void A_chain_of_fields_stops_at_the_last() => AssertNeeds("{_limits: {Low}}", (int x) => x > _limits.Low);

    [Fact]
    public void Properties_and_methods_of_the_user_are_looked_into()
    {
        AssertNeeds("{_count}", (int x) => x + Doubled);
        AssertNeeds("{_limits: {Low}}", (int x) => x + Config.Low);
        AssertNeeds("{_limits: {High, Low}}", (int x) => x + Config.Width());
        AssertNeeds("{_count, _limits: {Low}}", (int x) => Recursive(x));
    }

    [Fact]
    public void Passing_storing_boxing_and_virtual_calls_take_all()
    {
        AssertNeeds("{_limits: *}", (int x) => Limits.Sum(_limits) + x);
        AssertNeeds("{_limits: *}", (int x) => new[] { _limits }[0].Low + x);
        AssertNeeds("{_limits: *}", (int x) => _limits.ToString());
        AssertNeeds("{_limits: *}", (int x) => _limits.Virtual());
        AssertNeeds("{_limits: *}", (int x) => _limits);
        AssertNeeds("*", (int x) => Equals(x));
    }

    [Fact]
    public void A_list_is_taken_whole() => AssertNeeds("{_list: *}", (int x) => _list.Count + x);

    [Fact]
    public void Comparing_with_null_takes_nothing_more() => AssertNeeds("{_limits: {}}", (int x) => _limits != null);

    [Fact]
    public void Both_ways_of_a_condition_count() =>
        AssertNeeds("{_limits: {Low}, _next: {Low}}", (int x) => (x > 0 ? _limits : _next!).Low);

    [Fact]
    public void Variables_and_loops_are_followed() => AssertNeeds(
        "{_limits: {High, Low}}",
        (int x) =>
        {
            var found = _limits;
            for (var i = 0; i < x; i++)
            {
                x -= found.Low + i;
            }

            return x + found.High;
        });

    [Fact]
    public void Try_blocks_and_switches_are_followed() => AssertNeeds(
        "{_limits: {High, Low}, _name}",
        (int x) =>
        {
            try
            {
                return x switch { 1 => _limits.Low, 2 => 5, 3 => _limits.High, 4 => 9, _ => throw new InvalidOperationException(_name) };
            }
            catch (InvalidOperationException e) when (e.Message.Length > _name.Length)
            {
                return _name.Length;
            }
            finally
            {
                GC.KeepAlive(x);
            }
        });

    [Fact]
    public void A_loop_over_links_takes_the_whole_chain_in_the_end() => AssertNeeds(
        "{_limits: {Link: {Link: {Link: {Link: {Link: {Link: {Link: {Link: *, Low}, Low}, Low}, Low}, Low}, Low}, Low}, Low}}",
        (int x) =>
        {
            for (var at = _limits; at is not null; at = at.Link)
            {
                x += at.Low;
            }

            return x;
        });

    [Fact]
    public void Nested_lambdas_are_followed()
    {
        AssertNeeds("{_limits: {Low}, _name}", (int x) => Enumerable.Range(0, x).Count(i => i > _limits.Low && _name.Length > i));
        AssertNeeds("{_limits: {High}}", (int x) => Enumerable.Range(0, x).Select(i => Enumerable.Range(0, i).Sum(j => i + j + x + _limits.High)).Sum());
    }

    [Fact]
    public void Local_functions_are_followed()
    {
        AssertNeeds("{_limits: {High, Low}}", (int x) =>
        {
            var offset = x * 2;
            return Inner(3) + Enumerable.Range(0, x).Sum(Inner);

            int Inner(int y) => y > 10 ? _limits.Low + offset : Deeper() + y;

            int Deeper() => offset + _limits.High;
        });
    }

    [Fact]
    public void Iterators_are_followed() => AssertNeeds("{_limits: {Low}, _name}", (int x) => Expand(x).Sum());

    [Fact]
    public void Async_lambdas_are_followed() => AssertNeeds(
        "{_limits: {Low}, _name}",
        async (int x) =>
        {
            await Task.Yield();
            return x + _limits.Low + await LengthAsync();
        });

    [Fact]
    public void Outer_scopes_are_followed()
    {
        var outer = 1;
        var unused = "u";
        Func<int, int>? kept = null;
        for (var i = 0; i < 2; i++)
        {
            var inner = i;
            var alsoUnused = unused + i;
            kept = x => x + inner + outer + _limits.Low;
            GC.KeepAlive((Func<string>)(() => alsoUnused + unused));
        }

        var needs = Describe(ClosureAnalyzer.Analyze(kept!.Method).Target);
        Assert.Contains("inner", needs, StringComparison.Ordinal);
        Assert.Contains("outer", needs, StringComparison.Ordinal);
        Assert.Contains("_limits: {Low}", needs, StringComparison.Ordinal);
        Assert.DoesNotContain("nused", needs, StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_is_noticed()
    {
        Assert.False(Writes((int x) => x + _count + _point.X + _point.Sum() + Doubled));
        Assert.True(Writes((int x) => _count += x));
        Assert.True(Writes((int x) => _point.X = x));
        Assert.True(Writes((int x) => _point.Move(x)));
        Assert.True(Writes((int x) => Interlocked.Increment(ref _count)));
        Assert.True(Writes((int x) => Increase(x)));
        Assert.True(Writes((int x) => Enumerable.Range(0, x).Select(i => _count++).Sum()));
    }

    [Fact]
    public void The_answer_is_kept()
    {
        Func<int, string> lambda = x => _name;
        Assert.Same(ClosureAnalyzer.Analyze(lambda.Method), ClosureAnalyzer.Analyze(lambda.Method));
    }

    [Fact]
    public void A_method_that_loads_what_is_missing_takes_all()
    {
        var compiler = new Workshop();
        compiler.Reference(compiler.Compile("Gone", "public class Gone { public int X; }").Image);
        (var image, _) = compiler.Compile("Mentions", "public class A { int k = 1; int j = 2; public int Run(int x) => x > 0 ? k : new Gone().X; }");
        var type = new Workshop().Add(image, null).GetType("A")!;

        Assert.Equal("*", Describe(ClosureAnalyzer.Analyze(type.GetMethod("Run")!).Target));
    }

    private static bool Writes(Delegate lambda) => ClosureAnalyzer.Analyze(lambda.Method).Writes;

    private static void AssertNeeds(string expected, Delegate lambda) =>
        Assert.Equal(expected, Describe(ClosureAnalyzer.Analyze(lambda.Method).Target));

    private static string Describe(FieldNeeds needs) => needs.All ? "*" : "{" + string.Join(", ", needs.Fields
        .OrderBy(field => field.Field.Name, StringComparer.Ordinal)
        .Select(field => IsLeaf(field.Field.FieldType) ? field.Field.Name : $"{field.Field.Name}: {Describe(field.Needs)}")) + "}";

    private static bool IsLeaf(Type type) => type.IsPrimitive || type == typeof(string);

    private int Recursive(int x) => x <= 0 ? _count : Recursive(x - 1) + _limits.Low;

    private int Increase(int by) => _count += by;

    private IEnumerable<int> Expand(int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return _limits.Low + i;
        }

        yield return _name.Length;
    }

    private async Task<int> LengthAsync()
    {
        await Task.Yield();
        _next = null;
        return _name.Length;
    }

    private struct Point
    {
        public int X;

        public readonly int Sum() => X;

        public int Move(int by) => X += by;
    }

    private class Limits
    {
        public int Low = 1;
        public int High = 2;
        public Limits? Link = null;

        public static int Sum(Limits limits) => limits.Low + limits.High;

        public int Width() => High - Low;

        public virtual int Virtual() => Low;
    }
}
