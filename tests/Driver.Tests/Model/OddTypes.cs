using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq.Expressions;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MicroSpark.Tests.Model;

/// <summary>150 types of the framework and of programs, each with values of which two are equal where that can be, and with its verdict.</summary>
internal static partial class OddTypes
{
    public static IReadOnlyList<OddType> All { get; } = [.. Plain(), .. Framework(), .. Collections(), .. Own(), .. Unusual()];

    private static OddType Of<T>(string name, string verdict, Func<T[]> values) => new OddType<T>(name, verdict, values);

    private static IEnumerable<OddType> Plain() =>
    [
        Of<bool>("bool", "EKC", static () => [true, false, true]),
        Of<byte>("byte", "EKC", static () => [0, 255, 255]),
        Of<sbyte>("sbyte", "EKC", static () => [-128, 127, -128]),
        Of<short>("short", "EKC", static () => [short.MinValue, 1, 1]),
        Of<ushort>("ushort", "EKC", static () => [ushort.MaxValue, 1, 1]),
        Of<int>("int", "EKC", static () => [int.MinValue, 0, 0]),
        Of<uint>("uint", "EKC", static () => [uint.MaxValue, 0, 0]),
        Of<long>("long", "EKC", static () => [long.MinValue, 0, 0]),
        Of<ulong>("ulong", "EKC", static () => [ulong.MaxValue, 0, 0]),
        Of<Int128>("Int128", "EKC", static () => [Int128.MaxValue, 1, 1]),
        Of<UInt128>("UInt128", "EKC", static () => [UInt128.MaxValue, 1, 1]),
        Of<nint>("nint", "EKC", static () => [nint.MinValue, 1, 1]),
        Of<nuint>("nuint", "EKC", static () => [nuint.MaxValue, 1, 1]),
        Of<Half>("Half", "EKC", static () => [Half.NaN, (Half)1.5, (Half)1.5, Half.NaN]),
        Of<float>("float", "EKC", static () => [float.NaN, 1.5f, float.NaN, 0f, -0f]),
        Of<double>("double", "EKC", static () => [double.NaN, 1.5, double.NaN, double.Epsilon]),
        Of<decimal>("decimal", "EKC", static () => [1.5m, -1, 1.5m]),
        Of<char>("char", "EKC", static () => ['\0', '\ud800', 'a', 'a']),
        Of<Rune>("Rune", "EKC", static () => [new('a'), new(0x1F600), new('a')]),
        Of<string?>("string", "EKC", static () => ["a", null, "", "a"]),
        Of<string>("string of a lone surrogate", "EKC", static () => ["\ud800", "a", "\ud800"]),
        Of<int?>("int?", "EKC", static () => [1, null, 1, null]),
        Of<DateTime?>("DateTime?", "EKC", static () => [DateTime.UnixEpoch, null, DateTime.UnixEpoch]),
        Of<DayOfWeek>("enum", "EKC", static () => [DayOfWeek.Friday, DayOfWeek.Monday, DayOfWeek.Friday]),
        Of<DayOfWeek?>("enum?", "EKC", static () => [DayOfWeek.Friday, null, DayOfWeek.Friday]),
        Of<Tiny>("enum of bytes", "EKC", static () => [Tiny.One, (Tiny)200, Tiny.One]),
        Of<Huge>("enum of ulong, flags", "EKC", static () => [Huge.Last, Huge.First | Huge.Last, Huge.Last]),
        Of<object>("object of boxed values", "EKC", static () => [1, "a", 2.5, 1]),
        Of<ValueTuple>("ValueTuple of nothing", "EkC", static () => [default, default]),
        Of<(int, string?)>("tuple", "EKC", static () => [(1, "a"), (1, null), (1, "a")]),
        Of<(int, int, int, int, int, int, int, int)>("tuple of 8", "EKC", static () => [(1, 2, 3, 4, 5, 6, 7, 8), (1, 2, 3, 4, 5, 6, 7, 9), (1, 2, 3, 4, 5, 6, 7, 8)]),
        Of<(int, int, int, int, int, int, int, int, int, int, int, int, int, int, string)>(
            "tuple of 15", "EKC", static () => [(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, "a"), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, "a")]),
        Of<(int?, (string?, double))>("nested tuple", "EKC", static () => [(null, ("a", 1)), (1, (null, double.NaN)), (null, ("a", 1))]),
        Of<(int, string)?>("tuple?", "EKC", static () => [(1, "a"), null, (1, "a")]),
        Of<Tuple<int, string>>("Tuple class", "EKC", static () => [Tuple.Create(1, "a"), Tuple.Create(2, "a"), Tuple.Create(1, "a")]),
        Of<Tuple<int, int, int, int, int, int, int, Tuple<int>>>(
            "Tuple class of 8", "EKC", static () => [Tuple.Create(1, 2, 3, 4, 5, 6, 7, 8), Tuple.Create(1, 2, 3, 4, 5, 6, 7, 9), Tuple.Create(1, 2, 3, 4, 5, 6, 7, 8)]),
        Of<KeyValuePair<string, int>>("KeyValuePair", "EKC", static () => [new("a", 1), new("b", 1), new("a", 1)]),
    ];

    private static IEnumerable<OddType> Framework() =>
    [
        Of<DateTime>("DateTime", "EKC", static () => [DateTime.UnixEpoch, new(1), DateTime.UnixEpoch, DateTime.MaxValue]),
        Of<DateTimeOffset>("DateTimeOffset", "EKC", static () => [new(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(2)), DateTimeOffset.MinValue, new(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(2))]),
        Of<DateOnly>("DateOnly", "EKC", static () => [new(2026, 1, 1), DateOnly.MaxValue, new(2026, 1, 1)]),
        Of<TimeOnly>("TimeOnly", "EKC", static () => [new(1), TimeOnly.MaxValue, new(1)]),
        Of<TimeSpan>("TimeSpan", "EKC", static () => [TimeSpan.MinValue, TimeSpan.Zero, TimeSpan.MinValue]),
        Of<TimeZoneInfo>("TimeZoneInfo", "EKC", static () => [TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), TimeZoneInfo.Utc, TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu")]),
        Of<Guid>("Guid", "EKC", static () => [Guid.Empty, new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), Guid.Empty]),
        Of<BigInteger>("BigInteger", "EKC", static () => [BigInteger.Pow(3, 100), -1, BigInteger.Pow(3, 100)]),
        Of<Complex>("Complex", "EKC", static () => [new(1, 2), Complex.ImaginaryOne, new(1, 2)]),
        Of<Vector2>("Vector2", "EKC", static () => [new(1, 2), default, new(1, 2)]),
        Of<Vector3>("Vector3", "EKC", static () => [new(1, 2, 3), default, new(1, 2, 3)]),
        Of<Quaternion>("Quaternion", "EKC", static () => [new(1, 2, 3, 4), default, new(1, 2, 3, 4)]),
        Of<Matrix3x2>("Matrix3x2", "EKC", static () => [Matrix3x2.Identity, default, Matrix3x2.Identity]),
        Of<Uri>("Uri", "EKC", static () => [new("http://a/b"), new("http://a/c"), new("http://a/b")]),
        Of<Version>("Version", "EKC", static () => [new(1, 2), new(1, 2, 3, 4), new(1, 2)]),
        Of<IPAddress>("IPAddress", "EKC", static () => [IPAddress.Loopback, IPAddress.IPv6Loopback, new([127, 0, 0, 1])]),
        Of<IPEndPoint>("IPEndPoint", "EKC", static () => [new(IPAddress.Loopback, 1), new(IPAddress.Loopback, 2), new(IPAddress.Loopback, 1)]),
        Of<IPNetwork>("IPNetwork", "ekc", static () => [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("10.0.0.0/8")]),
        Of<CultureInfo>("CultureInfo", "EkC", static () => [CultureInfo.InvariantCulture, CultureInfo.GetCultureInfo("de-DE")]),
        Of<Index>("Index", "EKC", static () => [1, ^1, 1]),
        Of<Range>("Range", "EKC", static () => [1..2, Range.EndAt(^1), 1..2]),
        Of<StringBuilder>("StringBuilder", "EkC", static () => [new("a"), new("b")]),
        Of<Regex>("Regex", "EkC", static () => [new("a+"), new("b", RegexOptions.IgnoreCase)]),
        Of<Type>("Type", "EkC", static () => [typeof(int), typeof(string)]),
        Of<Exception>("Exception", "EkC", static () => [new InvalidOperationException("a")]),
        Of<Encoding>("Encoding", "EKC", static () => [Encoding.UTF8, Encoding.Unicode]),
        Of<Random>("Random", "EkC", static () => [new Fixed()]),
        Of<DBNull>("DBNull", "EkC", static () => [DBNull.Value, DBNull.Value]),
        Of<JsonElement>("JsonElement", "EkC", static () => [JsonDocument.Parse("{\"a\":[1,null]}").RootElement, JsonDocument.Parse("2").RootElement, default]),
        Of<JsonDocument>("JsonDocument", "EkC", static () => [JsonDocument.Parse("[1]"), JsonDocument.Parse("\"a\"")]),
        Of<JsonNode>("JsonNode", "EkC", static () => [JsonNode.Parse("{\"a\":1}")!, JsonValue.Create(2)]),
        Of<JsonObject>("JsonObject", "EkC", static () => [new() { ["a"] = 1 }, []]),
        Of<JsonArray>("JsonArray", "EkC", static () => [[1, 2], []]),
        Of<Memory<int>>("Memory", "EkC", static () => [new[] { 1, 2 }, default]),
        Of<ReadOnlyMemory<int>>("ReadOnlyMemory", "EkC", static () => [new[] { 1, 2 }.AsMemory(1), default]),
        Of<ReadOnlyMemory<char>>("ReadOnlyMemory of a string", "EkC", static () => ["abc".AsMemory(1), default]),
        Of<ArraySegment<int>>("ArraySegment", "EkC", static () => [new([1, 2, 3], 1, 2), ArraySegment<int>.Empty]),
    ];

    private static IEnumerable<OddType> Collections() =>
    [
        Of<int[]>("int[]", "EkC", static () => [[1, 2], [], [1, 2]]),
        Of<string?[]>("string?[]", "EkC", static () => [["a", null], []]),
        Of<int[,]>("int[,]", "EkC", static () => [new[,] { { 1, 2 }, { 3, 4 } }, new int[0, 3]]),
        Of<int[][]>("int[][]", "EkC", static () => [[[1], []], []]),
        Of<byte[]?>("byte[]?", "EkC", static () => [[1], null]),
        Of<object?[]>("object[]", "EkC", static () => [[1, "a", null, new[] { 2 }]]),
        Of<List<int>>("List", "EkC", static () => [[1, 2], []]),
        Of<List<List<string?>?>>("List of lists", "EkC", static () => [[["a", null], null], []]),
        Of<Dictionary<string, int>>("Dictionary", "EkC", static () => [new() { ["a"] = 1, ["b"] = 2 }, []]),
        Of<Dictionary<string, int>>("Dictionary with a comparer", "EkC", static () => [new(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }]),
        Of<Dictionary<(int, string), List<int[]>>>("Dictionary of tuples and lists", "EkC", static () => [new() { [(1, "a")] = [[1], []] }]),
        Of<HashSet<int>>("HashSet", "EkC", static () => [[1, 2], []]),
        Of<SortedSet<string>>("SortedSet", "EkC", static () => [["b", "a"], []]),
        Of<SortedDictionary<int, string>>("SortedDictionary", "EkC", static () => [new() { [2] = "b", [1] = "a" }]),
        Of<SortedList<int, string>>("SortedList", "EkC", static () => [new() { [2] = "b", [1] = "a" }]),
        Of<Queue<int>>("Queue", "EkC", static () => [new([1, 2]), new()]),
        Of<Stack<int>>("Stack", "EkC", static () => [new([1, 2]), new()]),
        Of<LinkedList<int>>("LinkedList", "EkC", static () => [new([1, 2]), new()]),
        Of<PriorityQueue<string, int>>("PriorityQueue", "EkC", static () => [Prioritised()]),
        Of<ConcurrentDictionary<string, int>>("ConcurrentDictionary", "EkC", static () => [new() { ["a"] = 1 }]),
        Of<ConcurrentQueue<int>>("ConcurrentQueue", "EkC", static () => [new([1, 2])]),
        Of<ConcurrentBag<int>>("ConcurrentBag", "EkC", static () => [[1, 2]]),
        Of<ImmutableArray<int>>("ImmutableArray", "EkC", static () => [[1, 2], []]),
        Of<ImmutableList<int>>("ImmutableList", "EkC", static () => [[1, 2], []]),
        Of<ImmutableDictionary<string, int>>("ImmutableDictionary", "EkC", static () => [ImmutableDictionary<string, int>.Empty.Add("a", 1)]),
        Of<ImmutableHashSet<int>>("ImmutableHashSet", "EkC", static () => [[1, 2]]),
        Of<ImmutableSortedSet<int>>("ImmutableSortedSet", "EkC", static () => [[2, 1]]),
        Of<ImmutableQueue<int>>("ImmutableQueue", "EkC", static () => [[1, 2]]),
        Of<FrozenDictionary<string, int>>("FrozenDictionary", "EkC", static () => [new Dictionary<string, int> { ["a"] = 1 }.ToFrozenDictionary()]),
        Of<FrozenSet<int>>("FrozenSet", "EkC", static () => [new[] { 1, 2 }.ToFrozenSet()]),
        Of<ReadOnlyCollection<int>>("ReadOnlyCollection", "EkC", static () => [new([1, 2])]),
        Of<ReadOnlyDictionary<string, int>>("ReadOnlyDictionary", "EkC", static () => [new(new Dictionary<string, int> { ["a"] = 1 })]),
        Of<ObservableCollection<int>>("ObservableCollection", "ekc", static () => [[1, 2]]),
        Of<BitArray>("BitArray", "EkC", static () => [new([true, false, true])]),
        Of<ArrayList>("ArrayList", "ekc", static () => [[1, "a"]]),
        Of<Hashtable>("Hashtable", "ekc", static () => [new() { ["a"] = 1 }]),
        Of<IEnumerable<int>>("IEnumerable of an array", "EkC", static () => [new[] { 1, 2 }, new List<int> { 3 }]),
        Of<IEnumerable<int>>("IEnumerable of LINQ", "ekc", static () => [Enumerable.Range(0, 3).Select(static x => x * 2)]),
        Of<IReadOnlyList<string>>("IReadOnlyList", "EkC", static () => [["a"], new List<string> { "b" }]),
        Of<IReadOnlyDictionary<string, int>>("IReadOnlyDictionary", "EkC", static () => [new Dictionary<string, int> { ["a"] = 1 }]),
        Of<IGrouping<int, string>>("IGrouping", "ekc", static () => [.. new[] { "a", "bb", "c" }.GroupBy(static x => x.Length)]),
        Of<ILookup<int, string>>("ILookup", "EkC", static () => [new[] { "a", "bb", "c" }.ToLookup(static x => x.Length)]),
    ];

    private static PriorityQueue<string, int> Prioritised() => new([("a", 2), ("b", 1)]);

    /// <summary>A random that draws the same, so that it has an answer.</summary>
    private sealed class Fixed : Random
    {
        public override string ToString() => $"{Next()}";

        public override int Next() => 4;
    }
}
