using System.Collections.Immutable;

namespace MicroSpark.Tests.Scenarios;

/// <summary>What C# programs use as elements and keys comes back as it went, and groups as its equality says.</summary>
[Collection(ShapesCollection.Name)]
public sealed class ElementTests(Shapes shapes)
{
    private static readonly Guid s_id = new("6f9619ff-8b86-d011-b42d-00c04fc964ff");

    internal enum Colour : byte
    {
        Red,
        Green = 200,
    }

    [Theory, EveryShape]
    public async Task Elements_come_back_equal(string shape)
    {
        var spark = shapes.Of(shape);
        await SameAsync(spark, new Person("Ann", 30), new Person("Bob", null), new Person("Cid", -1));
        await SameAsync<Shape>(spark, new Circle(1.5), new Square(2), new Circle(double.NaN));
        await SameAsync(spark, new Point(1, 2), new Point(double.NegativeInfinity, -0.0));
        await SameAsync(spark, Colour.Red, Colour.Green, (Colour)77);
        await SameAsync<int?>(spark, 1, null, int.MinValue);
        await SameAsync<Colour?>(spark, Colour.Green, null);
        await SameAsync<string?>(spark, "a", null, "", "\ud83d\ude00", "\0", "\ud800");
        await SameAsync(spark, new Box<Person>(new("Ann", 1)), new Box<Person>(null));
        await SameAsync(spark, new Box<Box<int>>(new(3)), new Box<Box<int>>(new(4)));
        await SameAsync(spark, (1, "a", 2.5m, s_id), (2, "b", 1.00m, Guid.Empty));
        await SameAsync(spark, (1, 2, 3, 4, 5, 6, 7, 8, 9, "ten"), (1, 2, 3, 4, 5, 6, 7, 8, 9, "zehn"));
        await SameAsync(spark, DateTimeOffset.UnixEpoch, new DateTimeOffset(2024, 2, 29, 23, 59, 59, TimeSpan.FromHours(5.5)));
        await SameAsync(spark, DateOnly.MaxValue, DateOnly.MinValue);
        await SameAsync(spark, new Uri("http://example.org/a?b#c"), new Uri("a/b", UriKind.Relative));
        await SameAsync(spark, Int128.MinValue, Int128.One);
        await SameAsync(spark, 'a', '\uffff');
    }

    /// <summary>No lambda and no declared type says whose classes they are.</summary>
    [Theory, EveryShape]
    public async Task What_stands_behind_object_comes_with_its_code(string shape)
    {
        object[] items = [new Person("Ann", 30), new Person("Bob", null), 3];
        Assert.Equal(items, await shapes.Of(shape).Parallelize(items, 2).CollectAsync());
    }

    [Theory, EveryShape]
    public async Task Nested_collections_come_back_equal(string shape)
    {
        var spark = shapes.Of(shape);
        var elements = Enumerable.Range(0, 6).Select(n => new Dictionary<string, List<(int, int[]?)>>(StringComparer.OrdinalIgnoreCase)
        {
            ["Key"] = [(n, [n, n + 1]), (n, null)],
            ["other"] = [],
        }).ToArray();
        var back = await spark.Parallelize(elements, 3).Map(d => d).CollectAsync();
        Assert.Equal(elements.Select(Text), back.Select(Text));
        Assert.All(back, d => Assert.True(d.ContainsKey("KEY")));
        var sets = await spark.Parallelize(Enumerable.Range(0, 4), 2).Map(n => ImmutableHashSet.Create(n, n + 1)).CollectAsync();
        Assert.Equal([3, 4], sets[3].Order());
        var jagged = await spark.Parallelize(Enumerable.Range(0, 4), 2).Map(n => new int[,] { { n, 1 }, { 2, n } }).CollectAsync();
        Assert.Equal(3, jagged[3][1, 1]);
        static string Text(Dictionary<string, List<(int, int[]?)>> d) => string.Join(';', d.Select(p => $"{p.Key}={string.Join(',', p.Value.Select(v => $"{v.Item1}:{(v.Item2 is null ? "none" : string.Join('-', v.Item2))}"))}"));
        await Expect.ElementsAsync([[0, 1], [2, 3]], spark.Range(0, 4, 1, 2).Glom().CollectAsync());
    }

    [Theory, EveryShape]
    public async Task Keys_group_as_their_equality_says(string shape)
    {
        var spark = shapes.Of(shape);
        await GroupsAsync(spark, n => new Person($"p{n % 3}", n % 2 == 0 ? null : 1));
        await GroupsAsync(spark, n => new Point(n % 3, -0.0 * (n % 2)));
        await GroupsAsync(spark, n => n % 2 == 0 ? Colour.Red : Colour.Green);
        await GroupsAsync(spark, n => n % 3 == 0 ? null : (int?)(n % 3));
        await GroupsAsync(spark, n => n % 3 == 0 ? null : $"k{n % 3}");
        await GroupsAsync(spark, n => new { Name = $"k{n % 2}", Third = n % 3 });
        await GroupsAsync(spark, n => (n % 2, ($"k{n % 3}", n % 5 == 0 ? null : (decimal?)(n % 5) / 1.0m)));
        await GroupsAsync(spark, n => new Box<(int, Colour)>((n % 3, Colour.Green)));
        await GroupsAsync(spark, n => DateTime.UnixEpoch.AddDays(n % 4));
        await GroupsAsync(spark, n => n % 4 is 0 ? double.NaN : n % 4 / 2.0);
        await GroupsAsync(spark, n => n % 2 == 0);
        await GroupsAsync(spark, n => (n % 3, new Person("x", n % 2)));
    }

    [Theory, EveryShape]
    public async Task Null_keys_join_sort_and_count_as_the_contract_says(string shape)
    {
        var spark = shapes.Of(shape);
        var left = spark.Parallelize<(string? Key, int Value)>([(null, 1), ("a", 2), (null, 3)], 2);
        var right = spark.Parallelize<(string? Key, string Value)>([("a", "x"), (null, "y")], 2);
        Assert.Equal([(null, (1, "y")), (null, (3, "y")), ("a", (2, "x"))], (await left.Join(right, 3).CollectAsync()).OrderBy(p => p.Item2.Left == 2).ThenBy(p => p.Item2.Left));
        await Expect.ElementsAsync([null, null, "a"], left.SortByKey().Keys().CollectAsync());
        Assert.Equal([1, 3], (await left.LookupAsync(null)).Order());
        Assert.Equal(2, await left.Keys().Distinct().CountAsync());
        var error = await Assert.ThrowsAnyAsync<Exception>(() => left.CountByKeyAsync());
        Assert.Contains("null", $"{error.Message} {error.InnerException?.Message}", StringComparison.Ordinal);
        Assert.Equal(3, await left.CountAsync());
    }

    [Theory, EveryShape]
    public void Keys_without_value_equality_are_refused_at_the_call(string shape)
    {
        var spark = shapes.Of(shape);
        var error = Assert.Throws<ArgumentException>(() => spark.Parallelize([(new[] { 1 }, 1)], 1).GroupByKey());
        Assert.Contains("array", error.Message, StringComparison.Ordinal);
        Assert.Contains("NoEquality", Assert.Throws<ArgumentException>(() => spark.Parallelize([1], 1).KeyBy(_ => new NoEquality()).GroupByKey()).Message, StringComparison.Ordinal);
    }

    [Theory, EveryShape]
    public async Task A_key_with_its_own_equality_compares_fields_or_says_its_hash(string shape)
    {
        var spark = shapes.Of(shape);
        Assert.Equal(2, await spark.Parallelize(["a", "B", "A"], 2).Map(s => new Stable(s)).Distinct().CountAsync());
        var silent = spark.Parallelize(["a", "B", "A"], 2).Map(s => new Silent(s));
        Assert.Equal(2, await silent.Distinct().CountAsync());
        var hidden = spark.Parallelize(["a", "B", "A"], 2).Map(s => new Hidden(s));
        Assert.Contains("IStableHash", Assert.Throws<ArgumentException>(() => hidden.Distinct()).Message, StringComparison.Ordinal);
        var behind = spark.Parallelize(["a", "B", "A"], 2).Map(s => (object)new Hidden(s));
        Assert.Contains("IStableHash", (await Assert.ThrowsAsync<JobFailedException>(() => behind.Distinct().CountAsync())).ToString(), StringComparison.Ordinal);
    }

    /// <summary>The same as a tuple is refused, and nothing of it would ever match.</summary>
    [Theory, EveryShape]
    public void Keys_that_hold_what_compares_by_reference_are_refused_at_the_call(string shape)
    {
        var three = shapes.Of(shape).Parallelize([1, 2, 3], 3).Map(n => new Tags("a", new[] { n }));
        foreach (var refused in new Action[] { () => three.Distinct(), () => three.Map(x => (x, 1)).Join(three.Map(x => (x, 2))), () => three.KeyBy(x => (x.Name, x.Ids)).GroupByKey() })
        {
            Assert.Contains("an array (Int32[]) inside", Assert.Throws<ArgumentException>(refused).Message, StringComparison.Ordinal);
        }

        var json = shapes.Of(shape).Parallelize(["1", "1"], 2).Map(text => System.Text.Json.JsonDocument.Parse(text).RootElement);
        Assert.Contains("JsonElement", Assert.Throws<ArgumentException>(() => json.Distinct()).Message, StringComparison.Ordinal);
        var memory = shapes.Of(shape).Parallelize([1, 1], 2).Map(n => new ReadOnlyMemory<byte>(new[] { (byte)n }));
        Assert.Contains("ReadOnlyMemory<Byte>", Assert.Throws<ArgumentException>(() => memory.Distinct()).Message, StringComparison.Ordinal);
    }

    [Theory, EveryShape]
    public async Task A_programs_own_partitioner_places_its_keys(string shape)
    {
        var spark = shapes.Of(shape);
        var placed = spark.Parallelize(Enumerable.Range(0, 30).Select(n => (n, $"v{n}")), 4).PartitionBy(new Modulo(5));
        var parts = await placed.Keys().Glom().CollectAsync();
        Assert.Equal(5, parts.Length);
        Assert.All(parts.Index(), part => Assert.All(part.Item, key => Assert.Equal(part.Index, key % 5)));
        Assert.Equal(30, await placed.Join(placed.MapValues(v => v.Length), new Modulo(5)).CountAsync());
        Assert.Equal(30, (await placed.Values().CollectAsync()).Distinct().Count());
    }

    [Theory, EveryShape]
    public async Task A_large_result_comes_whole(string shape)
    {
        var numbers = await shapes.Of(shape).Range(0, 4_000_000, 1, 5).Map(n => n * 3).CollectAsync();
        Assert.Equal(4_000_000, numbers.Length);
        Assert.Equal(3L * 3_999_999, numbers[^1]);
        var texts = await shapes.Of(shape).Range(0, 200_000, 1, 3).Map(n => $"line {n}").CollectAsync();
        Assert.Equal("line 199999", texts[^1]);
    }

    [Theory, EveryShape]
    public async Task Objects_that_share_and_circle_stay_so(string shape)
    {
        var spark = shapes.Of(shape);
        var ring = await spark.Parallelize([1, 2], 2).Map(n =>
        {
            var first = new Link { Value = n };
            first.Next = new Link { Value = n + 1, Next = first };
            return first;
        }).CollectAsync();
        Assert.Same(ring[1], ring[1].Next!.Next);
    }

    private static async Task SameAsync<T>(MicroSparkContext spark, params T[] elements)
    {
        Assert.Equal(elements, await spark.Parallelize(elements, 2).Map(e => e).CollectAsync());
        Assert.Equal(elements.Distinct().Count(), await spark.Parallelize(elements.Concat(elements), 3).Distinct(2).CountAsync());
        Assert.Equal(elements, (await spark.Parallelize(elements.Select((e, i) => (i, e)), 2).GroupByKey(3).CollectAsync()).OrderBy(g => g.Key).Select(g => g.Values[0]));
    }

    private static async Task GroupsAsync<K>(MicroSparkContext spark, Func<int, K> key)
    {
        var numbers = Enumerable.Range(0, 60).ToArray();
        var expected = numbers.GroupBy(key).Select(g => (g.Key, string.Join(' ', g))).ToList();
        var groups = (await spark.Parallelize(numbers, 4).KeyBy(key).GroupByKey(3).CollectAsync()).Select(g => (g.Key, string.Join(' ', g.Values))).ToList();
        var sums = await spark.Parallelize(numbers, 4).Map(n => (key(n), n)).ReduceByKey((a, b) => a + b, 2).CollectAsync();
        Assert.Equal(expected.Count, groups.Count);
        Assert.All(expected, g => Assert.Contains(g, groups));
        Assert.Equal(numbers.GroupBy(key).Select(g => (long)g.Sum()).Order(), sums.Select(s => (long)s.Item2).Order());
    }

    internal sealed record Person(string Name, int? Age);

    internal abstract record Shape;

    internal sealed record Circle(double Radius) : Shape;

    internal sealed record Square(int Side) : Shape;

    internal readonly record struct Point(double X, double Y);

    internal sealed record Box<T>(T? Content);

    internal sealed class NoEquality;

    internal sealed class Stable(string name) : IStableHash
    {
        private readonly string _name = name.ToUpperInvariant();

        public ulong StableHash => _name[0];

        public override bool Equals(object? obj) => obj is Stable other && other._name == _name;

        public override int GetHashCode() => _name.GetHashCode(StringComparison.Ordinal);
    }

    internal sealed record Tags(string Name, int[] Ids);

    internal sealed class Hidden(string name)
    {
        private readonly string _name = name;

        public override bool Equals(object? obj) => obj is Hidden other && string.Equals(other._name, _name, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_name);
    }

    internal sealed class Silent(string name)
    {
        private readonly string _name = name.ToUpperInvariant();

        public override bool Equals(object? obj) => obj is Silent other && other._name == _name;

        public override int GetHashCode() => _name.GetHashCode(StringComparison.Ordinal);
    }

    internal sealed class Modulo(int partitions) : Partitioner<int>
    {
        public override int NumPartitions => partitions;

        public override int GetPartition(int key) => key % partitions;

        public override bool Equals(object? obj) => obj is Modulo other && other.NumPartitions == NumPartitions;

        public override int GetHashCode() => partitions;
    }

    internal sealed class Link
    {
        public int Value { get; set; }

        public Link? Next { get; set; }
    }
}
