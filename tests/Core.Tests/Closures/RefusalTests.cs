using System.Linq.Expressions;
using System.Reflection.Emit;
using MicroSpark.Closures;
using MicroSpark.Code;

namespace MicroSpark.Tests.Closures;

/// <summary>What cannot travel is refused where the operator is declared, with the path that the user knows and a way out.</summary>
public class RefusalTests
{
    private static readonly int s_limit = 3;
    private static int s_mutable = 3;
    private readonly StreamWriter _logger = StreamWriter.Null;
    private readonly Holder _holder = new();

    private static int Setting { get; set; } = 1;

    private static int GetOnly { get; } = 1;

    [Fact]
    public void A_field_of_this()
    {
        var error = Refused(x => { _logger.Write(x); return x; });
        Assert.Equal("this._logger", error.FieldPath);
        Assert.Contains("Map", error.Message, StringComparison.Ordinal);
        Assert.Contains("RefusalTests.A_field_of_this lambda", error.Message, StringComparison.Ordinal);
        Assert.Contains("MapPartitions", error.Message, StringComparison.Ordinal);
        Assert.Equal("this._holder.Stream", Refused(x => x + _holder.Length()).FieldPath);
        Assert.Equal("this._holder.Stream", Refused(x => _holder.Equals(x) ? 1 : 0).FieldPath);
    }

    [Fact]
    public void A_virtual_call_is_named_where_it_is_why_all_fields_travel()
    {
        var virtually = Refused(x => x + Virtual());
        Assert.Equal("this._logger", virtually.FieldPath);
        Assert.Contains("RefusalTests.Virtual", virtually.Message, StringComparison.Ordinal);
        Assert.Contains("the call is virtual", virtually.Message, StringComparison.Ordinal);
        var k = 1;
        Assert.Contains("the call is virtual", Refused(x => x + k + Virtual()).Message, StringComparison.Ordinal);
        Assert.Contains("object.Equals", Refused(x => _holder.Equals(x) ? 1 : 0).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the call is virtual", Refused(x => x + _holder.Length()).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the call is virtual", Refused(x => x + k + _logger.NewLine.Length).Message, StringComparison.Ordinal);
    }

    protected virtual int Virtual() => s_limit;

    [Fact]
    public void A_captured_variable()
    {
        var stream = Stream.Null;
        var counter = new Holder();
        var list = new List<object> { 1, new Holder() };
        var k = 1;

        Assert.Equal("stream", Refused(x => x + (int)stream.Length).FieldPath);
        Assert.Equal("counter.Stream", Refused(x => x + Holder.LengthOf(counter)).FieldPath);
        Assert.Equal("list[].Stream", Refused(x => x + list.Count).FieldPath);
        Assert.Equal("stream", Refused(x => Enumerable.Range(0, x).Count(i => i + k + x > stream.Length)).FieldPath);
    }

    [Fact]
    public void A_variable_of_an_outer_scope()
    {
        var stream = Stream.Null;
        foreach (var i in new[] { 1 })
        {
            var j = i;
            Assert.Equal("stream", Refused(x => x + j + (int)stream.Length).FieldPath);
            Assert.Equal("this._logger", Refused(x => x + j + _logger.NewLine.Length).FieldPath);
        }
    }

    [Fact]
    public void A_primary_constructors_parameter() => Assert.Equal("log", Refused(new Job(StreamWriter.Null).Function()).FieldPath);

    [Fact]
    public void A_captured_delegates_own_capture()
    {
        Func<int, int> inner = x => x + _logger.NewLine.Length;
        Assert.Equal("this._logger", Refused(x => inner(x)).FieldPath);
    }

    [Fact]
    public void The_target_of_a_method_group() => Assert.Equal("this.Stream", Refused(new Holder().Add).FieldPath);

    [Fact]
    public void A_task_and_a_cancellation_token()
    {
        var task = Task.FromResult(1);
        var source = new CancellationTokenSource();

        Assert.Contains("Await", Refused(x => x + task.Result).Message, StringComparison.Ordinal);
        Assert.Equal("source", Refused(x => source.IsCancellationRequested ? x : 0).FieldPath);
    }

    [Fact]
    public void An_Rdd()
    {
        // Nothing of it is ever read.
        var rdd = (Rdd<int>)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(Rdd<int>));
        var error = Refused(x => rdd.GetHashCode() + x);
        Assert.Equal("rdd", error.FieldPath);
        Assert.Contains("5063", error.Message, StringComparison.Ordinal);
        Assert.Equal("rdd", Refused(x => rdd is null ? 1 : x).FieldPath);
        var inside = new List<object> { rdd };
        Assert.Contains("5063", Refused(x => inside.Count + x).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_static_field_that_the_lambda_changes_or_reads_where_no_value_can_stand_in()
    {
        var error = Refused(x => x + s_mutable++);
        Assert.Equal("RefusalTests.s_mutable", error.FieldPath);
        Assert.Contains("local variable", error.Message, StringComparison.Ordinal);
        Assert.Contains("accumulator", error.Message, StringComparison.Ordinal);
        Assert.Equal("RefusalTests.s_mutable", Refused(x => s_mutable = x).FieldPath);
        Assert.Equal("RefusalTests.s_mutable", Refused(x => Interlocked.Increment(ref s_mutable)).FieldPath);
        Assert.Equal("RefusalTests.s_mutable", Refused(x => Enumerable.Range(0, x).Sum(i => i + s_mutable)).FieldPath);
        Assert.Equal("RefusalTests.s_mutable", Refused(x => Iterates(x).Sum()).FieldPath);
        Assert.Equal("RefusalTests.s_mutable", Refused(x => Local(x)).FieldPath);
        Assert.Equal("RefusalTests.s_mutable", Refused(x => new Constructed(x).Value).FieldPath);
        Assert.Equal("RefusalTests.Setting", Refused(x => Setting = x).FieldPath);
        Assert.Equal("Cached.s_last", Refused(x => Cached<string>.Keep(x)).FieldPath.Replace("<string>", "", StringComparison.Ordinal));

        static int Local(int x) => x + s_mutable--;
    }

    [Fact]
    public async Task A_static_field_behind_an_await()
    {
        Func<int, Task<int>> function = async x => await TouchesLaterAsync(x);
        var error = Assert.Throws<ClosureNotShippableException>(() => Closure<Func<int, Task<int>>>.Capture(function, "Map", "f"));
        Assert.Equal("RefusalTests.s_mutable", error.FieldPath);
        Assert.Equal(4, await function(1));
    }

    [Fact]
    public void Static_fields_that_are_fine()
    {
        const int Constant = 5;
        Func<int, int>[] fine =
        [
            x => x + s_limit + Constant + GetOnly + string.Empty.Length,
            x => Enumerable.Range(0, x).Select(i => i * 2).Where(i => i > 1).Sum(),
            x => Enumerable.Range(0, x).Select(Twice).Sum(),
            x => Deeper(x),
            x => x + s_mutable + Setting,
            TouchesStatic,
        ];

        foreach (var function in fine)
        {
            _ = Closure<Func<int, int>>.Capture(function, "Map", "f");
        }

        static int Twice(int x) => x * 2;
    }

    [Fact]
    public void The_rule_about_static_fields_is_for_the_users_own_projects()
    {
        Assert.True(OwnCode.Is(typeof(RefusalTests).Assembly));
        Assert.False(OwnCode.Is(typeof(CsCheck.Gen).Assembly));
        Assert.False(OwnCode.Is(typeof(Closure).Assembly));
    }

    [Fact]
    public void Dynamic_methods_and_expression_trees()
    {
        var x = Expression.Parameter(typeof(int));
        var compiled = Expression.Lambda<Func<int, int>>(Expression.Add(x, Expression.Constant(1)), x).Compile();
        var method = new DynamicMethod("made", typeof(int), [typeof(int)]);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ret);

        Assert.Contains("expression tree", Refused(compiled).Message, StringComparison.Ordinal);
        Assert.Contains("dynamic method", Refused(method.CreateDelegate<Func<int, int>>()).Message, StringComparison.Ordinal);
        Assert.Contains("dynamic method", Refused(y => compiled(y)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Multicast_delegates()
    {
        Func<int, int> both = x => x;
        both += x => x + 1;
        var error = Refused(both);
        Assert.Contains("multicast", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 methods", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spans()
    {
        Func<ReadOnlySpan<char>, int> function = span => span.Length;
        var error = Assert.Throws<ClosureNotShippableException>(() => Closure<Func<ReadOnlySpan<char>, int>>.Capture(function, "Map", "f"));
        Assert.Contains("ReadOnlySpan", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_without_bytes()
    {
        var context = new System.Runtime.Loader.AssemblyLoadContext("bare", isCollectible: true);
        (var image, _) = new Workshop().Compile("Bare", "public static class B { public static int Run(int x) => x; }");
        var bare = context.LoadFromStream(new MemoryStream(image));

        var error = Refused(bare.GetType("B")!.GetMethod("Run")!.CreateDelegate<Func<int, int>>());
        Assert.Contains("'Bare'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_an_argument_error() =>
        Assert.Equal("f", Assert.Throws<ArgumentNullException>(() => Closure<Func<int, int>>.Capture(null!, "Map", "f")).ParamName);

    private static ClosureNotShippableException Refused(Func<int, int> function) =>
        Assert.Throws<ClosureNotShippableException>(() => Closure<Func<int, int>>.Capture(function, "Map", "f"));

    private static int Deeper(int x) => TouchesStatic(x);

    private static int TouchesStatic(int x) => x + s_mutable;

    private static async Task<int> TouchesLaterAsync(int x)
    {
        await Task.Yield();
        return x + s_mutable;
    }

    private static IEnumerable<int> Iterates(int x)
    {
        yield return x + s_mutable;
    }

    private sealed class Holder
    {
        public Stream Stream = Stream.Null;

        public static int LengthOf(Holder holder) => holder.Length();

        public int Length() => (int)Stream.Length;

        public int Add(int x) => x + Length();
    }

    private sealed class Job(TextWriter log)
    {
        public Func<int, int> Function() => x =>
        {
            log.Write(x);
            return x;
        };
    }

    private sealed class Constructed
    {
        public Constructed(int x) => Value = x + s_mutable;

        public int Value { get; }
    }

    private static class Cached<T>
    {
        private static int s_last;

        public static int Keep(int x) => s_last = x + typeof(T).Name.Length;
    }
}
