using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace MicroSpark.Tests.Codecs;

public class CollectionTests
{
    private static readonly KeyValuePair<string, int>[] s_pairs = [new("one", 1), new("two", 2), new("three", 3)];

    public static TheoryData<IEnumerable> Sequences => new()
    {
        new List<string> { "a", "b" }, new Queue<int>([1, 2, 3]), new Stack<int>([1, 2, 3]), new LinkedList<string>(["x", "y"]),
        new HashSet<int> { 3, 1, 2 }, new SortedSet<string>(["b", "a"], StringComparer.Ordinal), new Dictionary<string, int>(s_pairs),
        new SortedDictionary<string, int>(new Dictionary<string, int>(s_pairs)), new SortedList<string, int>(new Dictionary<string, int>(s_pairs)),
        new OrderedDictionary<string, int>(s_pairs), new ConcurrentDictionary<int, string> { [1] = "a", [2] = "b" },
        new ConcurrentQueue<int>([1, 2]), new ConcurrentStack<int>([1, 2]), new ConcurrentBag<int>([1, 2, 3]),
        ImmutableArray.Create(1, 2), ImmutableList.Create("a", "b"), ImmutableQueue.Create(1, 2), ImmutableStack.Create(1, 2),
        ImmutableHashSet.Create(1, 2), ImmutableSortedSet.Create("b", "a"), ImmutableDictionary.CreateRange([new KeyValuePair<int, int>(1, 2)]),
        ImmutableSortedDictionary.CreateRange(s_pairs), new[] { 1, 2 }.ToFrozenSet(), s_pairs.ToFrozenDictionary().OrderBy(static p => p.Value).ToList(),
        new ReadOnlyCollection<int>([1, 2]), new Collection<int>([1, 2]), new ReadOnlyDictionary<string, int>(new Dictionary<string, int>(s_pairs)),
        new BitArray([true, false, true, true, false, false, true, false, true]), new ArraySegment<int>([1, 2, 3, 4], 1, 2), new byte[] { 1, 2, 3 },
        Array.Empty<string>(), new int[][] { [1], [2, 3], [] },
    };

    [Theory]
    [MemberData(nameof(Sequences))]
    public void Items_and_their_order_survive(IEnumerable items)
    {
        var copy = RoundTrip.Of(items);
        Assert.Equal(items.GetType(), copy.GetType());
        Assert.Equal(items.Cast<object>(), copy.Cast<object>());
    }

    [Fact]
    public void Comparers_survive()
    {
        Assert.Equal(1, RoundTrip.Of(new Dictionary<string, int>(s_pairs, StringComparer.OrdinalIgnoreCase))["ONE"]);
        Assert.Contains("ONE", RoundTrip.Of(new HashSet<string>(["one"], StringComparer.InvariantCultureIgnoreCase)));
        Assert.Contains("ONE", (IReadOnlySet<string>)RoundTrip.Of(ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase, "one")));
        Assert.Contains("ONE", (IReadOnlySet<string>)RoundTrip.Of(new[] { "one" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase)));
        Assert.Equal(1, RoundTrip.Of(s_pairs.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase))["ONE"]);
        Assert.Equal(1, RoundTrip.Of(new ConcurrentDictionary<string, int>(s_pairs, StringComparer.OrdinalIgnoreCase))["ONE"]);
        Assert.Contains("done", RoundTrip.Of(new HashSet<string>(["one"], new LastLetter())));
        Assert.Contains("done", RoundTrip.Of(new SortedSet<string>(["one"], new LastLetter())));
        Assert.Same(StringComparer.Ordinal, RoundTrip.Of<IEqualityComparer<string>>(StringComparer.Ordinal));
        Assert.Same(EqualityComparer<int>.Default, RoundTrip.Of<IEqualityComparer<int>>(EqualityComparer<int>.Default));
        Assert.Same(Comparer<Person>.Default, RoundTrip.Of<object>(Comparer<Person>.Default));
        Assert.Same(EqualityComparer<string>.Default, RoundTrip.Of(new Dictionary<string, int>()).Comparer);
        Assert.Same(ReferenceEqualityComparer.Instance, RoundTrip.Of(new HashSet<object>(ReferenceEqualityComparer.Instance)).Comparer);
        Assert.Equal(0, RoundTrip.Of(StringComparer.Create(CultureInfo.GetCultureInfo("de-DE"), ignoreCase: true)).Compare("ä", "Ä"));
    }

    [Fact]
    public void What_hash_codes_order_is_written_in_an_order_of_its_own()
    {
        string[] words = [.. Enumerable.Range(0, 200).Select(static i => $"word {i}")];
        Assert.Equal(RoundTrip.Encode([words.ToImmutableHashSet()]), RoundTrip.Encode([words.Reverse().ToImmutableHashSet()]));
        (string, int)[] pairs = [.. words.Select(static (word, i) => (word, i))];
        Assert.Equal(RoundTrip.Encode([pairs.ToFrozenSet()]), RoundTrip.Encode([pairs.Reverse().ToFrozenSet()]));
    }

    [Fact]
    public void Priority_queues_serve_in_the_same_order()
    {
        PriorityQueue<string, int> queue = new();
        foreach (var word in "the quick brown fox jumps over the lazy dog".Split(' '))
        {
            queue.Enqueue(word, word.Length);
        }

        var copy = RoundTrip.Of(queue);
        while (queue.TryDequeue(out var expected, out var priority))
        {
            Assert.Equal((expected, priority), (copy.Peek(), priority));
            copy.Dequeue();
        }
    }

    [Fact]
    public void Arrays_of_several_dimensions_survive()
    {
        int[,] grid = { { 1, 2, 3 }, { 4, 5, 6 } };
        Assert.Equal(grid, RoundTrip.Of(grid));
        var texts = new string?[2, 1, 2];
        texts[1, 0, 1] = "x";
        Assert.Equal(texts, RoundTrip.Of<object>(texts));
        Assert.Equal(new int[0, 5], RoundTrip.Of(new int[0, 5]));
    }

    [Fact]
    public void Lookups_survive()
    {
        var copy = RoundTrip.Of(new[] { "a", "A", "bb" }.ToLookup(static w => w, static w => w.Length, StringComparer.OrdinalIgnoreCase));
        Assert.Equal([1, 1], copy["a"]);
        Assert.Equal(["a", "bb"], copy.Select(static group => group.Key));
    }

    [Fact]
    public void Plain_classes_of_the_framework_survive()
    {
        Assert.Equal(BigInteger.Pow(-7, 100), RoundTrip.Of(BigInteger.Pow(-7, 100)));
        Assert.Equal(new Uri("http://example.org/a b?c=ü"), RoundTrip.Of(new Uri("http://example.org/a b?c=ü")));
        Assert.Equal(new Uri("x/y", UriKind.Relative), RoundTrip.Of(new Uri("x/y", UriKind.Relative)));
        Assert.Equal(new Version(1, 2, 3, 4), RoundTrip.Of(new Version(1, 2, 3, 4)));
        Assert.Equal("text", RoundTrip.Of(new StringBuilder("text")).ToString());
        Assert.Matches(RoundTrip.Of(new Regex("^A+$", RegexOptions.IgnoreCase)), "aaa");
        Assert.Equal(CultureInfo.GetCultureInfo("de-DE"), RoundTrip.Of(CultureInfo.GetCultureInfo("de-DE")));
        Assert.Equal(CultureInfo.InvariantCulture, RoundTrip.Of<IFormatProvider>(CultureInfo.InvariantCulture));
        Assert.Empty(RoundTrip.Of<Encoding>(new UTF8Encoding(false)).GetPreamble());
        Assert.Equal(Encoding.Latin1.CodePage, RoundTrip.Of(Encoding.Latin1).CodePage);
        Assert.Equal(TimeZoneInfo.Utc, RoundTrip.Of(TimeZoneInfo.Utc));
        Assert.Equal(IPAddress.IPv6Loopback, RoundTrip.Of(IPAddress.IPv6Loopback));
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:80"), RoundTrip.Of(IPEndPoint.Parse("127.0.0.1:80")));
        Assert.Equal([1, 2], RoundTrip.Of<ReadOnlyMemory<int>>(new[] { 0, 1, 2 }.AsMemory(1)).ToArray());
        Assert.Same(DBNull.Value, RoundTrip.Of<object>(DBNull.Value));
        Assert.Equal(typeof(Dictionary<string, Person[]>), RoundTrip.Of(typeof(Dictionary<string, Person[]>)));
        Assert.True(RoundTrip.Of(default(ImmutableArray<int>)).IsDefault);
        Assert.Empty(RoundTrip.Of(ImmutableArray<int>.Empty));
        Random random = new(42);
        Assert.Equal(RoundTrip.Of(random).Next(), random.Next());
        Assert.True(RoundTrip.Of(new Locked()).Gate.TryEnter());
    }
}
