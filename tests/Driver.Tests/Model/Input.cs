using CsCheck;

namespace MicroSpark.Tests.Model;

/// <summary>How an input's partitions come to an operation: made by the loop it runs in, each from a parent of its own, or read from blocks.</summary>
public enum Origin
{
    Loop,
    Union,
    Cache,
}

/// <summary>What an operation is tried on, partition by partition.</summary>
/// <param name="Words">Elements with nulls and duplicates.</param>
/// <param name="Others">Elements that share some with <paramref name="Words"/>.</param>
/// <param name="Pairs">Pairs of which many have the same key; a key may be null.</param>
/// <param name="Prices">Pairs that share some keys with <paramref name="Pairs"/>.</param>
/// <param name="Numbers">Numbers with duplicates.</param>
/// <param name="Given">The partition count that an operation is given, or null for its default.</param>
/// <param name="Count">A count for whatever takes one, 1 or more.</param>
/// <param name="Seed">A seed for whatever is random.</param>
/// <param name="Origin">How the partitions come to the operation.</param>
public sealed record Input(
    string?[][] Words, string?[][] Others, (string? Key, int Value)[][] Pairs, (string? Key, long Value)[][] Prices, int[][] Numbers, int? Given,
    int Count, long Seed, Origin Origin)
{
    private static readonly Gen<string?> s_word = Gen.Frequency(
        (2, Gen.Const((string?)null)), (8, Gen.Const("a")!), (3, Gen.OneOf("b", "c", "", "A")!),
        (2, Gen.String[Gen.OneOf("xyz\",;\\ \u00e9\u4e16".ToCharArray()), 0, 3]!));

    private static readonly Gen<int> s_number = Gen.Frequency((2, Gen.Const(7)), (5, Gen.Int[-100, 100]));

    /// <summary>Random inputs: from none to a few partitions, some of them empty, one far larger than the others now and then.</summary>
    public static Gen<Input> Any { get; } = Gen.Select(
        Gen.Select(Parts(s_word), Parts(s_word)),
        Gen.Select(Parts(Gen.Select(s_word, s_number)), Parts(Gen.Select(s_word, s_number.Select(n => n * 10L)))),
        Parts(s_number),
        Gen.Frequency((1, Gen.Const(0)), (2, Gen.Int[1, 9])),
        Gen.Int[1, 9], Gen.Long, Gen.Enum<Origin>(),
        (words, pairs, numbers, given, count, seed, origin) => new Input(
            words.Item1, words.Item2, pairs.Item1, pairs.Item2, numbers, given == 0 ? null : given, count, seed, origin));

    /// <summary>The shapes that programs forget.</summary>
    public static IReadOnlyDictionary<string, Input> Edges { get; } = new Dictionary<string, Input>
    {
        ["zero partitions"] = new([], [], [], [], [], null, 2, 1, Origin.Loop),
        ["zero partitions into three"] = new([], [["a"]], [], [[("a", 1)]], [], 3, 2, 1, Origin.Loop),
        ["empty partitions"] = new([[], []], [[], [], []], [[], []], [[], [], []], [[], []], null, 2, 1, Origin.Loop),
        ["one element"] = new([["a"]], [["a"]], [[("a", 7)]], [[("a", 5)]], [[7]], 1, 1, 1, Origin.Loop),
        ["more partitions than elements"] = new(
            [[], ["a"], [], [], ["b"], []], [["b"], []], [[], [], [("b", 7)], [], [("a", 3)]], [[], [("a", 5)]], [[], [3], [], [], [7]], 8, 9, 1, Origin.Loop),
        [ManyPartitions] = new(
            Parts(Word), Parts(i => Word(i + 7)), Parts(i => (Word(i), i)), Parts(i => (Word(i * 3), i * 10L)), Parts(i => (i * 37) % 61), 97, 5, 1, Origin.Cache),
    };

    /// <summary>The edge with more partitions than chunks are made for, some of whose inputs have far more elements than that, some fewer.</summary>
    public const string ManyPartitions = "97 partitions";

    /// <summary>The partitions that an operation by key gives when none are given: those of its largest input.</summary>
    public int OrLargest(params ReadOnlySpan<int> inputs)
    {
        if (Given is { } given)
        {
            return given;
        }

        var largest = 0;
        foreach (var input in inputs)
        {
            largest = Math.Max(largest, input);
        }

        return largest;
    }

    public override string ToString() => string.Join(
        ", ", new (string, object?)[] { ("words", Words), ("others", Others), ("pairs", Pairs), ("prices", Prices), ("numbers", Numbers), ("given", Given), ("count", Count), ("seed", Seed), ("origin", Origin) }
            .Select(part => $"{part.Item1} {Outcome.Of(part.Item2)}"));

    private static T[][] Parts<T>(Func<int, T> item) => [[.. Enumerable.Range(0, 150).Select(item)], [], [.. Enumerable.Range(40, 9).Select(item)]];

    private static string? Word(int i) => i % 11 == 0 ? null : $"{(char)('a' + (i % 5))}{i % 7}";

    private static Gen<T[][]> Parts<T>(Gen<T> item) =>
        Gen.Frequency((3, Gen.Const(0)), (2, Gen.Const(1)), (4, Gen.Int[2, 6]), (1, Gen.Int[20, 40])).SelectMany(size => item.Array[size]).Array[0, 5];
}
