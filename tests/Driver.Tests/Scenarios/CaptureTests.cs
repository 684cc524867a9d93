using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MicroSpark.Tests.Scenarios;

/// <summary>What lambdas capture in practice works on workers.</summary>
[Collection(ShapesCollection.Name)]
public sealed partial class CaptureTests(Shapes shapes)
{
    private static readonly Dictionary<int, string> s_names = new() { [1] = "one" };

    [Theory, EveryShape]
    public async Task Values_of_the_framework(string shape)
    {
        var failures = new List<string>();
        var regex = new Regex("^a+", RegexOptions.IgnoreCase);
        var compiled = new Regex("^a+", RegexOptions.Compiled);
        var generated = Letters();
        var random = new Random(7);
        var culture = CultureInfo.GetCultureInfo("de-DE");
        var latin = Encoding.Latin1;
        var type = typeof(string);
        var immutable = ImmutableArray.Create(1, 2, 3);
        var frozen = new[] { "a", "b" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        var lookup = new[] { 1, 2, 3 }.ToLookup(n => n % 2);
        var concurrent = new ConcurrentDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["A"] = 1 };
        var sorted = new SortedDictionary<int, string> { [2] = "b", [1] = "a" };
        var sortedSet = new SortedSet<int>([3, 1]);
        var linked = new LinkedList<int>([1, 2]);
        var queue = new Queue<int>([1, 2]);
        var stack = new Stack<int>([1, 2]);
        var priority = new PriorityQueue<string, int>([("low", 5), ("high", 1)]);
        var bits = new BitArray([true, false]);
        var big = BigInteger.Pow(2, 100);
        var complex = new Complex(1, 2);
        var half = (Half)1.5;
        var text = new StringBuilder("abc");
        var memory = new ReadOnlyMemory<byte>([1, 2, 3], 1, 2);
        var version = new Version(1, 2);
        var zone = TimeZoneInfo.Utc;
        var tuple = Tuple.Create(1, "a");
        var local = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Local);
        object boxed = 5;
        dynamic dyn = 6;
        var index = ^1;
        Predicate<int> predicate = n => n > 0;
        Comparison<int> comparison = (a, b) => b - a;
        IReadOnlyList<int> readOnly = new List<int> { 1 }.AsReadOnly();
        var names = new { Name = "x", Inner = new { Deep = 3 } };
        var equality = EqualityComparer<string>.Default;
        var pair = KeyValuePair.Create(1, "a");
        var address = System.Net.IPAddress.Loopback;
        var hash = new HashSet<(int, string)>([(1, "a")]);

        await TryAsync("regex", n => regex.IsMatch("AAb"), true);
        await TryAsync("compiled regex", n => compiled.IsMatch("aab"), true);
        await TryAsync("generated regex", n => generated.IsMatch("aab"), true);
        await TryAsync("random", n => random.Next(10) >= 0, true);
        await TryAsync("culture", n => (1.5).ToString(culture), "1,5");
        await TryAsync("latin1", n => latin.GetByteCount("\u00e9"), 1);
        await TryAsync("type", n => type.Name, "String");
        await TryAsync("immutable array", n => immutable[n], 2);
        await TryAsync("frozen", n => frozen.Contains("A"), true);
        await TryAsync("lookup", n => lookup[1].Count(), 2);
        await TryAsync("concurrent", n => concurrent["a"], 1);
        await TryAsync("sorted", n => sorted.First().Value, "a");
        await TryAsync("sorted set", n => sortedSet.Min, 1);
        await TryAsync("linked", n => linked.Last!.Value, 2);
        await TryAsync("queue", n => queue.Peek(), 1);
        await TryAsync("stack", n => stack.Peek(), 2);
        await TryAsync("priority queue", n => priority.Peek(), "high");
        await TryAsync("bits", n => bits[0], true);
        await TryAsync("big", n => (big + n).IsEven, false);
        await TryAsync("complex", n => complex.Imaginary, 2.0);
        await TryAsync("half", n => (double)half, 1.5);
        await TryAsync("string builder", n => text.Length, 3);
        await TryAsync("memory", n => memory.Span[0], (byte)2);
        await TryAsync("version", n => version.Minor, 2);
        await TryAsync("zone", n => zone.BaseUtcOffset, TimeSpan.Zero);
        await TryAsync("tuple class", n => tuple.Item2, "a");
        await TryAsync("local time", n => local.Kind, DateTimeKind.Local);
        await TryAsync("boxed", n => (int)boxed, 5);
        await TryAsync("dynamic", n => (int)dyn + n, 7);
        await TryAsync("index", n => new[] { 1, 2 }[index], 2);
        await TryAsync("predicate", n => predicate(n), true);
        await TryAsync("comparison", n => comparison(1, 2), 1);
        await TryAsync("read only", n => readOnly[0], 1);
        await TryAsync("anonymous", n => names.Inner.Deep, 3);
        await TryAsync("equality", n => equality.Equals("a", "a"), true);
        await TryAsync("pair", n => pair.Value, "a");
        await TryAsync("address", n => address.ToString(), "127.0.0.1");
        await TryAsync("hash set of tuples", n => hash.Contains((1, "a")), true);
        await TryAsync("static readonly", n => s_names[n], "one");
        await TryAsync("environment", n => Environment.NewLine.Length > 0, true);
        await TryAsync("static random", n => Random.Shared.Next(1), 0);
        await TryAsync("parallel inside", n => Enumerable.Range(0, 100).AsParallel().Sum(i => i + n), 5050);
        await TryAsync("task inside", n => Task.Run(() => n + 1).Result, 2);
        await TryAsync("stackalloc", n => Span(n), 3);
        await TryAsync("switch", n => n switch { 1 => "one", 2 => "two", 3 => "three", 4 => "four", 5 => "five", 6 => "six", 7 => "seven", _ => "many" }, "one");
        await TryAsync("string switch", n => $"k{n}" switch { "k0" => 0, "k1" => 1, "k2" => 2, "k3" => 3, "k4" => 4, "k5" => 5, "k6" => 6, "k7" => 7, _ => 8 }, 1);
        await TryAsync("interpolation", n => $"{n:D3}|{n,4}", "001|   1");
        await TryAsync("with", n => new Pair(n, 2) with { B = 3 }, new Pair(1, 3));
        await TryAsync("try", n => { try { return int.Parse("x"); } catch (FormatException) { return -n; } }, -1);
        await TryAsync("lock", n => { lock (s_names) { return n; } }, 1);
        await TryAsync("linq inside", n => (from a in Enumerable.Range(0, 5) from b in Enumerable.Range(0, a) where b > n group a by b into g orderby g.Key select g.Count()).First(), 2);
        await TryAsync("collection expression", n => ((List<int>)[n, .. new[] { 2, 3 }]).Count, 3);
        await TryAsync("u8", n => "abc"u8.Length, 3);
        await TryAsync("array init", n => new[] { 1, 2, 3, 4, 5, 6, 7, 8 }[n], 2);
        Assert.True(failures.Count == 0, string.Join("\n", failures));

        async Task TryAsync<R>(string name, Func<int, R> f, R expected)
        {
            try
            {
                var found = (await shapes.Of(shape).Parallelize([1, 1], 2).Map(f).CollectAsync())[1];
                if (!EqualityComparer<R>.Default.Equals(found, expected))
                {
                    failures.Add($"{name}: expected {expected}, found {found}");
                }
            }
            catch (Exception e)
            {
                failures.Add($"{name}: {e.GetType().Name}: {e.Message} {e.InnerException?.Message}");
            }
        }

        static int Span(int n)
        {
            Span<int> span = stackalloc int[n + 2];
            return span.Length;
        }
    }

    [Theory, EveryShape]
    public async Task Json_is_captured_and_is_an_element(string shape)
    {
        var texts = shapes.Of(shape).Parallelize(["""{"a":1,"b":[2]}""", """{"a":2}"""], 2);
        using var document = JsonDocument.Parse("""{"factor":10}""");
        var factor = document.RootElement.GetProperty("factor");
        var known = JsonNode.Parse("""{"names":["x"]}""")!.AsObject();
        var elements = texts.Map(text => JsonSerializer.Deserialize<JsonElement>(text)).Cache();
        await Expect.ElementsAsync([10, 20], elements.Map(e => e.GetProperty("a").GetInt32() * factor.GetInt32()).CollectAsync());
        await Expect.ElementsAsync(["""{"a":1,"b":[2]}""", """{"a":2}"""], Texts(await elements.CollectAsync()));
        var nodes = await texts.Map(text => JsonNode.Parse(text)!).Map(n => (n["a"]!.GetValue<int>(), n)).GroupByKey(2).CollectAsync();
        Assert.Equal(["""{"a":1,"b":[2]}""", """{"a":2}"""], nodes.OrderBy(g => g.Key).Select(g => g.Values[0].ToJsonString()));
        await Expect.ElementsAsync([1, 1], texts.Map(_ => known["names"]!.AsArray().Count).CollectAsync());

        static Task<string[]> Texts(JsonElement[] all) => Task.FromResult(Array.ConvertAll(all, static e => e.GetRawText()));
    }

    [Theory, EveryShape]
    public void What_is_no_plain_data_is_refused_with_the_way_out(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1], 1);
        var table = new Hashtable { ["a"] = 1 };
        var untyped = new ArrayList { 1, "a", null };
        var lazy = new Lazy<int>(() => 42);
        var query = new List<int> { 1, 2, 3 }.Where(n => n > 1).Select(n => n * 2);
        var range = Enumerable.Range(0, 5);
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        var search = System.Buffers.SearchValues.Create("abc");
        var format = new NumberFormatInfo { NumberDecimalSeparator = "!" };

        Refused(() => numbers.Map(n => (int)table["a"]!), "inside the task");
        Refused(() => numbers.Map(n => untyped.Count), "inside the task");
        Refused(() => numbers.Map(n => lazy.Value), "Read its Value first");
        Refused(() => numbers.Map(n => query.Sum()), "ToList()");
        Refused(() => numbers.Map(n => range.Sum()), "ToList()");
        Refused(() => numbers.Map(n => JsonSerializer.Serialize(new { Name = n }, options)), "inside the task");
        Refused(() => numbers.Map(n => "xxb".AsSpan().IndexOfAny(search)), "inside the task");
        Refused(() => numbers.Map(n => (1.5).ToString(format)), "inside the task");

        static void Refused(Func<object> declare, string wayOut) =>
            Assert.Contains(wayOut, Assert.Throws<ClosureNotShippableException>(declare).Message, StringComparison.Ordinal);
    }

    [GeneratedRegex("^a+")]
    private static partial Regex Letters();

    internal sealed record Pair(int A, int B);
}
