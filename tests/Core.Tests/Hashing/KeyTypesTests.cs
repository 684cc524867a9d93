using MicroSpark.Hashing;

namespace MicroSpark.Tests.Hashing;

public sealed class KeyTypesTests
{
    [Theory]
    [InlineData(typeof(int[]), "array")]
    [InlineData(typeof((string, int[][])), "array")]
    [InlineData(typeof((int, int, int, int, int, int, int, byte[])), "array")]
    [InlineData(typeof(KeyValuePair<string, byte[]>), "array")]
    [InlineData(typeof(Optional<string[]>), "array")]
    [InlineData(typeof(NoEquals), nameof(NoEquals))]
    [InlineData(typeof((NoEquals, int)?), nameof(NoEquals))]
    [InlineData(typeof(Tuple<int, NoEquals>), nameof(NoEquals))]
    [InlineData(typeof(List<int>), "List<Int32>")]
    [InlineData(typeof(IReadOnlyList<string>), "IReadOnlyList<String>")]
    [InlineData(typeof(Type), "Type")]
    [InlineData(typeof(Action), "Action")]
    public void Refuses_what_compares_by_reference(Type type, string named)
    {
        var error = Assert.Throws<ArgumentException>(() => KeyTypes.EnsureEquatable(type, "GroupByKey"));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("GroupByKey", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(int), true)]
    [InlineData(typeof(string), true)]
    [InlineData(typeof(Colour?), true)]
    [InlineData(typeof(Uri), true)]
    [InlineData(typeof((int, string)), true)]
    [InlineData(typeof((int, OwnEquals)), false)]
    [InlineData(typeof(Tuple<string, OwnEquals>), false)]
    [InlineData(typeof(KeyValuePair<int, string>), true)]
    [InlineData(typeof(Optional<OwnEquals>), false)]
    [InlineData(typeof(Point), true)]
    [InlineData(typeof(Point3), true)]
    [InlineData(typeof(Linked), true)]
    [InlineData(typeof(Cell), true)]
    [InlineData(typeof(Plain), true)]
    [InlineData(typeof(CaseLess), true)]
    [InlineData(typeof(OwnEquals), false)]
    [InlineData(typeof(OwnEqualsRecord), false)]
    [InlineData(typeof(UnderOwnEquals), false)]
    [InlineData(typeof(object), true)]
    [InlineData(typeof(Shape), true)]
    [InlineData(typeof(IComparable), true)]
    [InlineData(typeof(LineageId), true)]
    public void Accepts_value_equality_and_knows_what_is_stable(Type type, bool stable)
    {
        KeyTypes.EnsureEquatable(type, "Distinct");
        Assert.Equal(stable, KeyTypes.HasStableHash(type));
    }

    [Fact]
    public void An_anonymous_type_is_as_stable_as_its_parts()
    {
        Assert.True(KeyTypes.HasStableHash(new { A = 1, B = "b" }.GetType()));
        Assert.False(KeyTypes.HasStableHash(new { A = 1, B = new OwnEquals(1) }.GetType()));
    }

    [Fact]
    public void A_record_that_holds_an_array_is_a_key_in_one_process_only() =>
        Assert.False(KeyTypes.HasStableHash(typeof(Holder)));

    private sealed record Holder(int[] Items);
}
