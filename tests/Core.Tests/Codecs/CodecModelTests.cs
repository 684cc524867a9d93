using CsCheck;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Codecs;

/// <summary>Random values of random shapes come back equal, and encode alike whenever they are built alike.</summary>
public class CodecModelTests
{
    private static readonly Gen<string?> s_text = Gen.OneOf(
        Gen.String.Select(static text => (string?)text), Gen.String[Gen.Char['\uD700', '\uE100'], 0, 20].Select(static text => (string?)text),
        Gen.Const((string?)null));

    private static readonly Gen<object?> s_leaf = Gen.OneOf(
        Gen.Int.Select(static x => (object?)x), Gen.Double.Select(static x => (object?)x), s_text.Select(static x => (object?)x),
        Gen.Decimal.Select(static x => (object?)x), Gen.DateTime.Select(static x => (object?)x), Gen.Guid.Select(static x => (object?)x),
        Gen.Select(s_text, Gen.Int).Select(static (name, age) => (object?)new Person(name ?? "", age)),
        Gen.Select(Gen.Double, Gen.Double, s_text).Select(static (x, y, label) => (object?)new Point3(x, y, label)));

    [Fact]
    public void Runs_of_tuples_survive() =>
        Gen.Select(s_text, Gen.Int, Gen.Byte).Select(static (a, b, c) => (a, b, c)).Array[0, 50].Sample(
            static items => Assert.Equal(items, RoundTrip.Many(items)));

    [Fact]
    public void Trees_of_anything_survive() =>
        Tree(3).Sample(static value => Assert.True(Same(value, RoundTrip.Of(value))), iter: 2_000);

    [Fact]
    public void Equal_values_give_equal_bytes() =>
        Tree(3).Sample(
            static value =>
            {
                var bytes = ValueCodec.Encode(value, CodeSpace.Process);
                var copy = ValueCodec.Decode<object?>(bytes, CodeSpace.Process);
                Assert.Equal(bytes, ValueCodec.Encode(copy, CodeSpace.Process));
            },
            iter: 2_000);

    private static Gen<object?> Tree(int depth) =>
        depth == 0 ? s_leaf : Gen.OneOf(
            s_leaf,
            Tree(depth - 1).List[0, 4].Select(static items => (object?)items),
            Tree(depth - 1).Array[0, 4].Select(static items => (object?)items),
            Gen.Select(Tree(depth - 1), Tree(depth - 1)).Select(static (left, right) => (object?)(left, right)),
            Gen.Dictionary(Gen.String, Tree(depth - 1))[0, 4].Select(static map => (object?)new SortedDictionary<string, object?>(map, StringComparer.Ordinal)),
            Gen.Select(Gen.Int, Tree(depth - 1)).Select(static (number, tag) => (object?)new Node { Value = number, Tag = tag }));

    private static bool Same(object? left, object? right) => (left, right) switch
    {
        (Node a, Node b) => a.Value == b.Value && Same(a.Tag, b.Tag),
        (object?[] a, object?[] b) => a.Length == b.Length && a.Zip(b).All(static pair => Same(pair.First, pair.Second)),
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(static pair => Same(pair.First, pair.Second)),
        (ValueTuple<object?, object?> a, ValueTuple<object?, object?> b) => Same(a.Item1, b.Item1) && Same(a.Item2, b.Item2),
        (SortedDictionary<string, object?> a, SortedDictionary<string, object?> b) =>
            a.Keys.SequenceEqual(b.Keys) && a.All(pair => Same(pair.Value, b[pair.Key])),
        _ => Equals(left, right) && left?.GetType() == right?.GetType(),
    };
}
