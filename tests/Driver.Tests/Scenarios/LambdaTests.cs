using System.Collections.Concurrent;
using System.Globalization;

namespace MicroSpark.Tests.Scenarios;

/// <summary>Lambdas of every form run on workers as they were written; what cannot is refused where it is declared.</summary>
[Collection(ShapesCollection.Name)]
public sealed class LambdaTests(Shapes shapes) : IDisposable
{
    private static int s_mutable = 1;
    private readonly int _offset = 100;
    private readonly StreamWriter _logger = new(Stream.Null);
    private readonly Timer _timer = new(_ => { });

    public void Dispose()
    {
        _logger.Dispose();
        _timer.Dispose();
    }

    [Theory, EveryShape]
    public Task One_readable_field_of_this_travels_and_its_neighbours_do_not(string shape) =>
        Expect.ElementsAsync([100, 101, 102], shapes.Of(shape).Parallelize([0, 1, 2], 2).Map(n => n + _offset).CollectAsync());

    [Theory, EveryShape]
    public void A_logger_and_a_timer_are_refused_with_their_path(string shape)
    {
        var numbers = shapes.Of(shape).Range(10);
        Assert.Equal("this._logger", Refused(() => numbers.Map(n => { _logger.Write(n); return n; })).FieldPath);
        Assert.Equal("this._timer", Refused(() => numbers.Filter(n => _timer.Change((int)n, 0))).FieldPath);
        using var stream = new MemoryStream();
        Assert.Equal("stream", Refused(() => numbers.Map(n => n + stream.Length)).FieldPath);
        Assert.Equal("LambdaTests.s_mutable", Refused(() => numbers.Map(n => n + s_mutable++)).FieldPath);
    }

    [Theory, EveryShape]
    public async Task An_Rdd_or_the_context_inside_a_lambda_is_refused(string shape)
    {
        var spark = shapes.Of(shape);
        var numbers = spark.Range(10);
        Assert.Contains("5063", Refused(() => numbers.Map(n => numbers.NumPartitions + n)).Message, StringComparison.Ordinal);
        Assert.Contains("5063", Refused(() => numbers.Map(n => spark.Range(n).CountAsync().Result)).Message, StringComparison.Ordinal);
        Assert.Equal(10, await numbers.CountAsync());
    }

    [Theory, EveryShape]
    public async Task Method_groups_local_functions_and_generic_methods(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1, 2, 3], 2);
        var factor = 3;
        await Expect.ElementsAsync(["1", "2", "3"], numbers.Map(Convert.ToString).CollectAsync());
        await Expect.ElementsAsync([2, 4, 6], numbers.Map(Twice).CollectAsync());
        await Expect.ElementsAsync([3, 6, 9], numbers.Map(Times).CollectAsync());
        await Expect.ElementsAsync([103, 106, 109], numbers.Map(n => Shifted(Times(n))).CollectAsync());
        await Expect.ElementsAsync([(1, "Int32"), (2, "Int32"), (3, "Int32")], Tagged(numbers).CollectAsync());
        await Expect.ElementsAsync([6, 3, 2], numbers.Map(n => Factorial(3) / n).CollectAsync());
        await Expect.ElementsAsync([1, 2, 6], numbers.Map(Factorial).CollectAsync());

        static int Twice(int n) => n * 2;
        int Times(int n) => n * factor;
        int Shifted(int n) => n + _offset;
        static int Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);
    }

    [Theory, EveryShape]
    public async Task Loop_variables_are_taken_as_they_are_at_the_call(string shape)
    {
        var spark = shapes.Of(shape);
        var rdd = spark.Parallelize([1], 1);
        for (var i = 0; i < 5; i++)
        {
            rdd = rdd.Map(n => n * 10 + i);
        }

        foreach (var word in new[] { 7, 8 })
        {
            rdd = rdd.FlatMap(n => Enumerable.Range(0, 2).Select(x => n + x * word));
        }

        var late = 1;
        rdd = rdd.Map(n => n + late);
        late = 1000;
        await Expect.ElementsAsync([101235, 101243, 101242, 101250], rdd.CollectAsync());
        Assert.Equal(1000, late);
    }

    [Theory, EveryShape]
    public async Task Captured_objects_are_copies_of_the_moment(string shape)
    {
        var stop = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "the" };
        var words = shapes.Of(shape).Parallelize(["The", "cat", "dog"], 2).Filter(w => !stop.Contains(w));
        stop.Add("cat");
        await Expect.ElementsAsync(["cat", "dog"], words.CollectAsync());
        var seen = new List<int>();
        var counts = await shapes.Of(shape).Parallelize([1, 2, 3], 3).Map(n => { seen.Add(n); return seen.Count; }).CollectAsync();
        Assert.Equal([1, 1, 1], counts);
        Assert.Empty(seen);
    }

    [Theory, EveryShape]
    public async Task Async_lambdas_are_awaited_one_by_one(string shape)
    {
        var folder = Directory.CreateTempSubdirectory("microspark-test-");
        try
        {
            var path = folder.FullName;
            await shapes.Of(shape).Parallelize(Enumerable.Range(0, 6), 3).ForeachAsync(async n =>
            {
                await Task.Yield();
                await File.WriteAllTextAsync(Path.Combine(path, $"{n}"), "x");
            });
            Assert.Equal(6, folder.GetFiles().Length);
            var error = await Assert.ThrowsAsync<JobFailedException>(() => shapes.Of(shape).Parallelize([1], 1).ForeachAsync(async n =>
            {
                await Task.Yield();
                throw new FormatException($"element {n}");
            }));
            Assert.Equal("element 1", Assert.IsType<FormatException>(error.InnerException).Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory, EveryShape]
    public async Task Workers_use_the_clients_culture(string shape)
    {
        var before = CultureInfo.CurrentCulture;
        var texts = shapes.Of(shape).Parallelize(["1,5", "2,25"], 2);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            await Expect.ElementsAsync([1.5, 2.25], texts.Map(double.Parse).CollectAsync());
            await Expect.ElementsAsync(["1,5", "2,25"], texts.Map(double.Parse).Map(d => d.ToString()).CollectAsync());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory, EveryShape]
    public async Task What_was_computed_under_one_culture_is_not_reused_under_another(string shape)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            await Expect.ElementsAsync([1.5], Parsed().CollectAsync());
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");
            await Expect.ElementsAsync([15.0], Parsed().CollectAsync());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Rdd<double> Parsed() => shapes.Of(shape).Parallelize(["1,5"], 1).Map(s => double.Parse(s)).Cache();
    }

    /// <summary>
    /// What asks the process, or can change, has the value of the declaration; what is filled on use is made on a worker as here.
    /// </summary>
    [Theory, EveryShape]
    public async Task Static_fields_give_one_answer(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1, 2], 2);
        var process = Codes.Process;
        s_mutable = 10;
        Codes.Names[1] = "one";
        var declared = numbers.Map(n => (Codes.Shifted(n), n * s_mutable, Codes.Names.GetValueOrDefault(n)));
        s_mutable = 11;
        Codes.Names[1] = "changed";
        await Expect.ElementsAsync([(process + 1, 10, "one"), (process + 2, 20, null)], declared.CollectAsync());
        var reused = numbers.KeyBy(n => n % 2).MapValues(n => n + s_mutable).ReduceByKey((a, b) => a + b).SortByKey().Values();
        await Expect.ElementsAsync([13, 12], reused.CollectAsync());
        var error = Refused(() => numbers.Map(n => Enumerable.Range(0, n).Select(i => i + Codes.Process).Sum()));
        Assert.Equal("Codes.Process", error.FieldPath);
        Assert.Contains("asks Environment.ProcessId", error.Message, StringComparison.Ordinal);
        Assert.Contains("to a local variable before", error.Message, StringComparison.Ordinal);
        await Expect.ElementsAsync([process + 1, process + 2], numbers.Map(n => n + process).CollectAsync());
        Assert.Equal(4, Codes.Square(2));
        await Expect.ElementsAsync([1, 4], numbers.Map(n => Codes.Square(n)).CollectAsync());
    }

    [Theory, EveryShape]
    public async Task An_accumulator_in_a_static_field_counts(string shape)
    {
        var spark = shapes.Of(shape);
        Codes.Bad = spark.LongAccumulator("bad");
        Assert.Equal(3, await spark.Parallelize([1, 2, 3], 2).Map(n => { Codes.Bad.Add(n); return n; }).CountAsync());
        Assert.Equal(6, Codes.Bad.Value);
    }

    [Theory, EveryShape]
    public async Task Lambdas_that_make_lambdas(string shape)
    {
        Func<int, Func<int, int>> adder = a => b => a + b;
        var add5 = adder(5);
        Func<int, int> twice = n => add5(add5(n));
        await Expect.ElementsAsync([11, 12], shapes.Of(shape).Parallelize([1, 2], 2).Map(twice).CollectAsync());
        await Expect.ElementsAsync([8, 9], shapes.Of(shape).Parallelize([1, 2], 2).Map(n => adder(n)).Map(f => f(7)).CollectAsync());
    }

    private static class Codes
    {
        public static readonly int Process = Environment.ProcessId;
        public static readonly Dictionary<int, string> Names = [];
        public static LongAccumulator Bad = null!;
        private static readonly ConcurrentDictionary<int, int> s_squares = [];

        public static int Shifted(int n) => n + Process;

        public static int Square(int n) => s_squares.GetOrAdd(n, static x => x * x);
    }

    private static Rdd<(T, string)> Tagged<T>(Rdd<T> rdd) => rdd.Map(Tag<T>);

    private static (T, string) Tag<T>(T value) => (value, typeof(T).Name);

    private static ClosureNotShippableException Refused(Func<object> declare) => Assert.Throws<ClosureNotShippableException>(declare);
}
