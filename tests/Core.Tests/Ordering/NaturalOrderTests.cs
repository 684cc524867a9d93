using System.Globalization;
using CsCheck;
using MicroSpark.Ordering;
using MicroSpark.Tests.Hashing;

namespace MicroSpark.Tests.Ordering;

public sealed class NaturalOrderTests
{
    private static readonly string?[] Texts = [null, "", "a", "B", "b", "é", "z", "ab", "a\0", "A"];

    public enum Level : sbyte
    {
        Low = -1,
        High = 1,
    }

    [Fact]
    public void Strings_are_ordinal_wherever_they_are()
    {
        // By the culture's order "a" comes before "B"; the ordinal one says otherwise.
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");
        Less("B", "a");
        Less((1, "B"), (1, "a"));
        Less((1, ("B", 2)), (1, ("a", 1)));
        Less(Tuple.Create("B", 1), Tuple.Create("a", 0));
        Less(Optional<string>.Some("B"), Optional<string>.Some("a"));
        Less(new { Name = "B" }, new { Name = "a" });
        Less(new Named("B", 2), new Named("a", 1));
        Less<(string, int)?>(("B", 1), ("a", 1));
        Less((1, 1, 1, 1, 1, 1, 1, "B"), (1, 1, 1, 1, 1, 1, 1, "a"));
    }

    [Fact]
    public void What_is_missing_comes_first()
    {
        Less<string?>(null, "");
        Less<int?>(null, int.MinValue);
        Less(Optional<int>.None, Optional<int>.Some(int.MinValue));
        Less<Named?>(null, new Named("", 0));
        Less<Version?>(null, new Version(0, 0));
        Less((1, (string?)null), (1, ""));
        Less(double.NaN, double.NegativeInfinity);
    }

    [Fact]
    public void Types_with_an_order_of_their_own_keep_it()
    {
        Less(Level.Low, Level.High);
        Less(new Backwards(2), new Backwards(1));
        Less((0, new Backwards(2)), (0, new Backwards(1)));
        Less(1.0m, 1.5m);
        Less(new LineageId(0, 1), new LineageId(1, 0));
    }

    [Fact]
    public void Components_count_in_the_order_of_declaration()
    {
        Less((1, 9), (2, 0));
        Less(new Titled("a", 5, "z"), new Titled("b", 1, "a"));
        Less(new Titled("a", 5, "y"), new Titled("a", 5, "z"));
    }

    [Theory]
    [InlineData(typeof(object), "Object")]
    [InlineData(typeof(Uri), "Uri")]
    [InlineData(typeof((int, Uri)), "Uri")]
    [InlineData(typeof(int[]), "Int32[]")]
    [InlineData(typeof(WithUri), "Uri")]
    [InlineData(typeof(Chain), "Chain")]
    public void A_type_without_order_is_named(Type type, string named)
    {
        var order = typeof(NaturalOrder<>).MakeGenericType(type);
        Assert.Null(order.GetProperty("ComparerOrNull")!.GetValue(null));
        var error = Assert.IsType<ArgumentException>(
            Assert.Throws<System.Reflection.TargetInvocationException>(() => order.GetProperty("Comparer")!.GetValue(null)).InnerException);
        Assert.StartsWith(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_order_is_antisymmetric_and_transitive()
    {
        IsAnOrder(Gen.Int[0, Texts.Length - 1].Select(i => Texts[i]));
        IsAnOrder(Gen.Select(Gen.Int[0, 1], Gen.Int[0, Texts.Length - 1]).Select((n, i) => (n, Texts[i])));
        IsAnOrder(Gen.Select(Gen.Int[0, Texts.Length - 1], Gen.Int[0, 1]).Select((i, n) => new Named(Texts[i]!, n)));
        IsAnOrder(Gen.Select(Gen.Bool, Gen.Int[0, 2]).Select((has, n) => new Optional<int>(has, n)));
        IsAnOrder(Gen.Double.Special);
    }

    [Fact]
    public void Strings_compare_as_their_units() =>
        Gen.Select(Gen.String, Gen.String).Check(
            static (a, b) => Math.Sign(NaturalOrder<string>.Comparer.Compare(a, b)) == Math.Sign(string.CompareOrdinal(a, b)));

    private static void Less<T>(T smaller, T larger)
    {
        Assert.True(NaturalOrder<T>.Comparer.Compare(smaller, larger) < 0);
        Assert.True(NaturalOrder<T>.Comparer.Compare(larger, smaller) > 0);
        Assert.Equal(0, NaturalOrder<T>.Comparer.Compare(smaller, smaller));
        Assert.True(new KeyComparison<T>(null).Compare(smaller, larger) < 0);
    }

    private static void IsAnOrder<T>(Gen<T> gen) => Gen.Select(gen, gen, gen).Check(
        static example =>
        {
            var (a, b, c) = example;
            var order = NaturalOrder<T>.Comparer;
            int ab = Math.Sign(order.Compare(a, b)), bc = Math.Sign(order.Compare(b, c)), ac = Math.Sign(order.Compare(a, c));
            return ab == -Math.Sign(order.Compare(b, a)) && (ab > 0 || bc > 0 || (ac <= 0 && ac == Math.Min(ab, bc)));
        },
        count: 3000);

    private record Named(string Name, int Number);

    private sealed record Titled(string Name, int Number, string Title) : Named(Name, Number);

    private sealed record WithUri(int Number, Uri Site);

    private sealed record Chain(int Number, Chain? Next);

    private sealed record Backwards(int Value) : IComparable<Backwards>
    {
        public int CompareTo(Backwards? other) => other is null ? 1 : other.Value.CompareTo(Value);
    }
}
