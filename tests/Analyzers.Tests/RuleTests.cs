namespace MicroSpark.Tests;

/// <summary>Each rule has cases in which it speaks and such in which it is silent.</summary>
public sealed class RuleTests
{
    [Theory]
    [InlineData("rdd.Map(n => rdd.NumPartitions + n);", "MSPARK001 rdd")]
    [InlineData("rdd.Filter(n => spark.DefaultParallelism > n);", "MSPARK001 spark")]
    [InlineData("var inner = spark.Range(3); rdd.FlatMap(n => inner.CollectAsync().Result);", "MSPARK001 inner")]
    [InlineData("var size = rdd.NumPartitions; rdd.Map(n => size + n);")]
    [InlineData("Func<int> ofTheProgram = () => spark.DefaultParallelism;")]
    public Task An_Rdd_or_the_context(string statements, params string[] expected) => AssertAsync(statements, expected);

    [Theory]
    [InlineData("var count = 0; rdd.Map(n => count++);", "MSPARK003 count")]
    [InlineData("var sum = 0L; await rdd.ForeachAsync(n => { sum += n; });", "MSPARK003 sum")]
    [InlineData("var list = new List<long>(); await rdd.ForeachAsync(n => { list.Add(n); });", "MSPARK003 list")]
    [InlineData("var seen = new Dictionary<long, int>(); await rdd.ForeachAsync(n => { seen[n] = 1; });", "MSPARK003 seen")]
    [InlineData("var slots = new long[3]; await rdd.ForeachAsync(n => { slots[0] = n; });", "MSPARK003 slots")]
    [InlineData("var at = 0; await rdd.ForeachAsync(n => { Interlocked.Increment(ref at); });", "MSPARK003 at")]
    [InlineData("var count = spark.LongAccumulator(); await rdd.ForeachAsync(n => { count.Add(n); });")]
    [InlineData("rdd.Map(n => { var list = new List<long>(); list.Add(n); var sum = 0L; sum += n; return sum + list.Count; });")]
    [InlineData("var known = new HashSet<long>(); rdd.Filter(n => known.Contains(n));")]
    public Task A_captured_variable_that_is_changed(string statements, params string[] expected) => AssertAsync(statements, expected);

    [Theory]
    [InlineData("rdd.CountAsync();", "MSPARK004 rdd.CountAsync()")]
    [InlineData("rdd.Map(n => n + 1).SaveAsTextFileAsync(\"out\");", "MSPARK004 rdd.Map(n => n + 1).SaveAsTextFileAsync(\"out\")")]
    [InlineData("await rdd.CountAsync();")]
    [InlineData("var job = rdd.CountAsync(); await job;")]
    [InlineData("_ = rdd.CountAsync();")]
    public Task An_action_that_nobody_awaits(string statements, params string[] expected) => AssertAsync(statements, expected);

    [Theory]
    [InlineData("var random = new Random(1); rdd.Map(n => random.Next());", "MSPARK005 random")]
    [InlineData("rdd.Map(n => new Random((int)n).Next());")]
    public Task A_captured_Random(string statements, params string[] expected) => AssertAsync(statements, expected);

    [Theory]
    [InlineData("rdd.Map(n => (new[] { n }, 1)).ReduceByKey((a, b) => a + b);", "MSPARK009 ReduceByKey")]
    [InlineData("rdd.Map(n => ((n, new[] { n }), 1)).GroupByKey();", "MSPARK009 GroupByKey")]
    [InlineData("rdd.GroupBy(n => new List<long> { n });", "MSPARK009 GroupBy")]
    [InlineData("rdd.Map(n => new Uri[] { }).Distinct();", "MSPARK009 Distinct")]
    [InlineData("await rdd.Map(n => new Lock()).CountByValueAsync();", "MSPARK009 CountByValueAsync")]
    [InlineData("rdd.Map(n => (n % 3, new[] { n })).ReduceByKey((a, b) => a);")]
    [InlineData("rdd.Map(n => ((n, $\"{n}\"), 1)).ReduceByKey((a, b) => a + b);")]
    [InlineData("rdd.GroupBy(n => new Version((int)n, 0)); rdd.Map(n => (object)n).Distinct(); rdd.Map(n => (int?)n).Distinct();")]
    [InlineData("rdd.Map(n => new[] { n }).Map(a => a.Length).Distinct();")]
    public Task A_key_that_compares_by_reference(string statements, params string[] expected) => AssertAsync(statements, expected);

    [Theory]
    [InlineData("rdd.Map(async n => { await Task.Yield(); return n; });", "MSPARK007 async n => { await Task.Yield(); return n; }")]
    [InlineData("await rdd.ForeachAsync(async n => { await Task.Yield(); });")]
    public Task An_async_lambda_that_makes_elements(string statements, params string[] expected) => AssertAsync(statements, expected);

    [Theory]
    [InlineData("var client = new HttpClient(); rdd.Map(n => client.GetStringAsync($\"http://host/{n}\").Result);", "MSPARK008 client")]
    [InlineData("using var file = File.OpenRead(\"x\"); rdd.Map(n => file.ReadByte() + n);", "MSPARK008 file")]
    [InlineData("var count = rdd.CountAsync(); rdd.Map(n => n + count.Result);", "MSPARK008 count")]
    [InlineData("var table = new Lazy<int[]>(() => [1]); rdd.Map(n => table.Value[0] + n);", "MSPARK008 table")]
    [InlineData("using var stop = new CancellationTokenSource(); await rdd.ForeachAsync(n => stop.Token.ThrowIfCancellationRequested());", "MSPARK008 stop")]
    [InlineData("rdd.Map(n => { using var client = new HttpClient(); return client.Timeout; });")]
    [InlineData("var kind = typeof(int); rdd.Map(n => kind.Name.Length + n);")]
    [InlineData("var bytes = new byte[3]; rdd.Map(n => { using var stream = new MemoryStream(bytes); return stream.Length + n; });")]
    public Task What_belongs_to_the_process(string statements, params string[] expected) => AssertAsync(statements, expected);

    [Theory]
    [InlineData("readonly HttpClient _client = new();", "rdd.Map(n => _client.Timeout)", "MSPARK008 _client")]
    [InlineData("static int s_limit;", "rdd.Filter(n => n < s_limit)", "MSPARK002 s_limit")]
    [InlineData("static int Limit { get; set; }", "rdd.Filter(n => n < Limit)", "MSPARK002 Limit")]
    [InlineData("static int s_count;", "rdd.Map(n => s_count++)", "MSPARK002 s_count")]
    [InlineData("static readonly int s_limit = 3;", "rdd.Filter(n => n < s_limit)")]
    [InlineData("const int Limit = 3;", "rdd.Filter(n => n < Limit)")]
    [InlineData("static int Limit => 3;", "rdd.Filter(n => n < Limit)")]
    [InlineData("static int s_limit;", "rdd.Map(n => nameof(s_limit) + n)")]
    [InlineData("", "rdd.Filter(n => n < int.MaxValue)")]
    [InlineData("readonly int _limit = 3;", "rdd.Filter(n => n < _limit)", "MSPARK006 _limit")]
    [InlineData("int Limit => 3;", "rdd.Filter(n => n < Limit)", "MSPARK006 Limit")]
    [InlineData("bool IsSmall(long n) => n < 3;", "rdd.Filter(n => IsSmall(n))", "MSPARK006 IsSmall(n)")]
    [InlineData("static bool IsSmall(long n) => n < 3;", "rdd.Filter(n => IsSmall(n))")]
    [InlineData("int _count;", "rdd.Map(n => _count++)", "MSPARK003 _count")]
    [InlineData("readonly Rdd<long>? _other;", "rdd.Map(n => _other!.NumPartitions)", "MSPARK001 _other")]
    public async Task A_member_of_the_program(string member, string expression, params string[] expected)
    {
        using var snippet = new Snippet($$"""class Program { {{member}} object Of(Rdd<long> rdd) => {{expression}}; }""");
        Assert.Equal(expected, await snippet.RulesAsync());
    }

    [Fact]
    public async Task Outside_of_async_methods_too()
    {
        using var snippet = new Snippet("class Program { void Of(Rdd<long> rdd) { rdd.CountAsync(); } }");
        Assert.Equal(["MSPARK004 rdd.CountAsync()"], await snippet.RulesAsync());
    }

    [Fact]
    public async Task While_it_is_typed_nothing_is_thrown()
    {
        const string Code = """
            class Program
            {
                static int s_limit;
                readonly Random _random = new();
                readonly Rdd<long>? _other;
                long this[long n] => n;

                async Task Of(MicroSparkContext spark, Rdd<long> rdd)
                {
                    var (sum, list, seen) = (0L, new List<long>(), new Dictionary<long, int>());
                    rdd.Map(async n => { await Task.Yield(); return n + _other!.NumPartitions; }).CountAsync();
                    await rdd.ForeachAsync(n => { sum += n; list.Add(n); seen[n] = s_limit; Interlocked.Increment(ref s_limit); });
                    rdd.FlatMap(n => from one in list where one < this[n] select (one, nameof(s_limit), _random.Next(), spark)).CountAsync();
                }
            }
            """;
        for (var end = Code.Length; end > 0; end = Code.LastIndexOfAny([' ', '(', '.', '<', '>', '[', ',', ';'], end - 1))
        {
            using var snippet = new Snippet(Code[..end]);
            Assert.DoesNotContain(await snippet.RulesAsync(whole: false), static found => found.StartsWith("AD0001", StringComparison.Ordinal));
        }
    }

    private static async Task AssertAsync(string statements, string[] expected)
    {
        using var snippet = Snippet.OfStatements(statements);
        Assert.Equal(expected, await snippet.RulesAsync());
    }
}
