using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
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
    [InlineData(typeof(Holder), "an array (Int32[]) inside Holder (Holder.Items) compares by reference")]
    [InlineData(typeof(Nested), "List<String> inside Nested (Nested.Inner.Names)")]
    [InlineData(typeof((int, Holder)), "array")]
    [InlineData(typeof(PlainHolder), "ReadOnlyMemory<Byte> inside PlainHolder (PlainHolder.Bytes)")]
    [InlineData(typeof(ReadOnlyMemory<byte>), "ReadOnlyMemory<Byte>")]
    [InlineData(typeof(Memory<int>), "Memory<Int32>")]
    [InlineData(typeof(ArraySegment<byte>), "ArraySegment<Byte>")]
    [InlineData(typeof(System.Buffers.ReadOnlySequence<byte>), "ReadOnlySequence<Byte>")]
    [InlineData(typeof(System.Collections.Immutable.ImmutableArray<int>), "ImmutableArray<Int32>")]
    [InlineData(typeof(System.Collections.Frozen.FrozenSet<int>), "FrozenSet<Int32>")]
    [InlineData(typeof(System.Text.Json.JsonElement), "JsonElement")]
    [InlineData(typeof(System.Text.Json.JsonElement?), "JsonElement")]
    [InlineData(typeof(System.Text.Json.JsonDocument), "JsonDocument")]
    [InlineData(typeof(System.Text.Json.Nodes.JsonNode), "JsonNode")]
    [InlineData(typeof(System.Text.Json.Nodes.JsonObject), "JsonObject")]
    [InlineData(typeof(Dictionary<string, int>), "Dictionary<String, Int32>")]
    [InlineData(typeof(System.Text.StringBuilder), "StringBuilder")]
    [InlineData(typeof(Lazy<int>), "Lazy<Int32>")]
    [InlineData(typeof(FSharpRef<Tuple<int, List<int>>>), "List<Int32>")]
    [InlineData(typeof(Tuple<FSharpRef<int>, int[]>), "array")]
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
    [InlineData(typeof(DateTime), true)]
    [InlineData(typeof(DateTimeOffset?), true)]
    [InlineData(typeof(DateOnly), true)]
    [InlineData(typeof(TimeSpan?), true)]
    [InlineData(typeof(Guid), true)]
    [InlineData(typeof((int, int, int, int, int, int, int, (string, Colour?))), true)]
    [InlineData(typeof((int, int, int, int, int, int, int, int)), true)]
    [InlineData(typeof((int, string)), true)]
    [InlineData(typeof(Named), true)]
    [InlineData(typeof(FSharpList<string>), true)]
    [InlineData(typeof(FSharpOption<int>), true)]
    [InlineData(typeof(FSharpValueOption<string>), true)]
    [InlineData(typeof(FSharpResult<int, string>), true)]
    [InlineData(typeof(FSharpChoice<int, string>), true)]
    [InlineData(typeof(FSharpRef<int>), true)]
    [InlineData(typeof(FSharpRef<int[]>), true)]
    [InlineData(typeof(FSharpRef<Tuple<string, int[]>>), true)]
    [InlineData(typeof(NodaTime.LocalDate), true)]
    [InlineData(typeof(NodaTime.LocalTime), true)]
    [InlineData(typeof(NodaTime.LocalDateTime), true)]
    [InlineData(typeof(NodaTime.Instant), true)]
    [InlineData(typeof(NodaTime.Duration), true)]
    [InlineData(typeof(NodaTime.Offset), true)]
    [InlineData(typeof(NodaTime.OffsetDateTime), true)]
    [InlineData(typeof(NodaTime.YearMonth), true)]
    [InlineData(typeof(NodaTime.AnnualDate), true)]
    [InlineData(typeof(NodaTime.DateInterval), true)]
    [InlineData(typeof(NodaTime.Interval), true)]
    [InlineData(typeof(NodaTime.Period), true)]
    [InlineData(typeof(System.Drawing.Color), true)]
    [InlineData(typeof(System.Drawing.Point), true)]
    [InlineData(typeof(System.Net.IPEndPoint), true)]
    [InlineData(typeof(Range), true)]
    [InlineData(typeof(System.Numerics.Vector3), true)]
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
    [InlineData(typeof(UnderOwnEquals), true)]
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
    public void One_verdict_for_every_mode_with_the_way_out()
    {
        var error = Assert.Throws<ArgumentException>(() => KeyTypes.EnsureKey(typeof((int, OwnEquals)), "Distinct"));
        Assert.StartsWith("Distinct needs keys whose hash is the same in every process; OwnEquals inside (Int32, OwnEquals) has its own Equals", error.Message, StringComparison.Ordinal);
        Assert.Contains("Implement IStableHash on it, or use its fields", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => KeyTypes.EnsureKey(typeof(Holder), "Distinct"));
        Assert.Contains("override Equals and GetHashCode of the type that holds it and implement IStableHash there", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_that_equality_compares_are_read_from_its_code()
    {
        Assert.Equal(["<Number>k__BackingField"], EqualityFields.Of(typeof(Named)).Select(f => f.Name));
        Assert.Equal(["<More>k__BackingField"], EqualityFields.Of(typeof(UnderOwnEquals)).Select(f => f.Name));
        Assert.Empty(EqualityFields.Of(typeof(OwnEquals)));
        Assert.Empty(EqualityFields.Of(typeof(CaseLess)));
        Assert.Empty(EqualityFields.Of(typeof(EitherOr)));
        Assert.Equal(["_a"], EqualityFields.Of(typeof(Branches)).Select(f => f.Name));
        Assert.Equal(["_value"], EqualityFields.Of(typeof(Negated)).Select(f => f.Name));
        Assert.Empty(EqualityFields.Of(typeof(Looping)));
    }

    [Fact]
    public void Keys_of_other_libraries_hash_as_they_compare()
    {
        Assert.Equal(StableHash<NodaTime.LocalDate>.Of(new(2026, 11, 30)), StableHash<NodaTime.LocalDate>.Of(new NodaTime.LocalDate(2026, 11, 29).PlusDays(1)));
        Assert.NotEqual(StableHash<NodaTime.LocalDate>.Of(new(2026, 11, 30)), StableHash<NodaTime.LocalDate>.Of(new(2026, 11, 29)));
        var list = ListModule.OfSeq([1, 2]);
        Assert.Equal(StableHash<FSharpList<int>>.Of(list), StableHash<FSharpList<int>>.Of(ListModule.OfSeq([1, 2])));
        Assert.NotEqual(StableHash<FSharpList<int>>.Of(list), StableHash<FSharpList<int>>.Of(ListModule.OfSeq([2, 2])));
        var (left, right) = (new FSharpRef<int[]>([1, 2]), new FSharpRef<int[]>([1, 2]));
        Assert.True(EqualityComparer<FSharpRef<int[]>>.Default.Equals(left, right));
        Assert.Equal(StableHash<FSharpRef<int[]>>.Of(left), StableHash<FSharpRef<int[]>>.Of(right));
        var choice = FSharpChoice<int, string>.NewChoice2Of2("x");
        Assert.Equal(StableHash<FSharpChoice<int, string>>.Of(choice), StableHash<FSharpChoice<int, string>>.Of(FSharpChoice<int, string>.NewChoice2Of2(new string('x', 1))));
        Assert.NotEqual(StableHash<FSharpChoice<int, string>>.Of(choice), StableHash<FSharpChoice<int, string>>.Of(FSharpChoice<int, string>.NewChoice2Of2("y")));
    }

    private sealed record Holder(int[] Items);

    private sealed record Nested(int Number, Inside Inner);

    private readonly record struct Inside(List<string> Names);

    private struct PlainHolder(ReadOnlyMemory<byte> bytes)
    {
        public ReadOnlyMemory<byte> Bytes = bytes;
    }

    private sealed class EitherOr(int a, int b)
    {
        private readonly int _a = a;
        private readonly int _b = b;

        public override bool Equals(object? obj) => obj is EitherOr other && (_a == other._a || _b == other._b);

        public override int GetHashCode() => 0;
    }

    /// <summary>Two empty ones are equal whatever else they hold.</summary>
    private sealed class Branches(bool a, int b)
    {
        private readonly bool _a = a;
        private readonly int _b = b;

        public override bool Equals(object? obj)
        {
            if (ReferenceEquals(this, obj))
            {
                return true;
            }

            return obj is Branches other && other._a == _a && (!_a || EqualityComparer<int>.Default.Equals(_b, other._b));
        }

        public override int GetHashCode() => 0;
    }

    private readonly struct Negated(decimal value) : IEquatable<Negated>
    {
        private readonly decimal _value = value;

        public static bool operator ==(Negated left, Negated right) => left._value == right._value;

        public static bool operator !=(Negated left, Negated right) => !(left == right);

        public bool Equals(Negated other) => !(this != other);

        public override bool Equals(object? obj) => obj is Negated other && Equals(other);

        public override int GetHashCode() => _value.GetHashCode();
    }

    private sealed class Looping(int[] items)
    {
        private readonly int[] _items = items;

        public override bool Equals(object? obj)
        {
            for (var i = 0; i < _items.Length; i++)
            {
                if (obj is not Looping other || other._items[i] != _items[i])
                {
                    return false;
                }
            }

            return true;
        }

        public override int GetHashCode() => 0;
    }
}
