using System.Net;
using System.Numerics;

namespace MicroSpark.Tests.Hashing;

public enum Colour : byte
{
    Red,
    Green = 200,
}

public record Point(int X, string? Y);

public record Point3(int X, string? Y, double Z) : Point(X, Y);

public sealed record Linked(int Value, Linked? Next);

public readonly record struct Cell(int Row, decimal Value);

public struct Plain
{
    public double A;
    public string? B;
    private int _c;

    public Plain(double a, string? b, int c) => (A, B, _c) = (a, b, c);

    public readonly int C => _c;
}

/// <summary>Equals ignores case, and says so in its stable hash.</summary>
public sealed class CaseLess(string text) : IEquatable<CaseLess>, IStableHash
{
    public string Text { get; } = text;

    public ulong StableHash => (ulong)Text.Length;

    public bool Equals(CaseLess? other) => other is not null && string.Equals(Text, other.Text, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => Equals(obj as CaseLess);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Text);
}

/// <summary>Its own Equals and nothing for other processes.</summary>
public sealed class OwnEquals(int value)
{
    public int Value { get; } = value;

    public override bool Equals(object? obj) => obj is OwnEquals other && other.Value % 10 == Value % 10;

    public override int GetHashCode() => Value % 10;
}

public record OwnEqualsRecord(int Value)
{
    public virtual bool Equals(OwnEqualsRecord? other) => other is not null && other.Value % 10 == Value % 10;

    public override int GetHashCode() => Value % 10;
}

public sealed record UnderOwnEquals(int Value, int More) : OwnEqualsRecord(Value);

/// <summary>Equal by the number, and by the name without regard to case.</summary>
public sealed class Named(int number, string name) : IEquatable<Named>
{
    public int Number { get; } = number;

    public string Name { get; } = name;

    public bool Equals(Named? other) =>
        other is not null && Number == other.Number && Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => Equals(obj as Named);

    public override int GetHashCode() => Number;
}

public sealed class NoEquals;

public abstract record Shape;

public sealed record Circle(double Radius) : Shape;

public sealed record Square(double Side) : Shape;

/// <summary>Pairs of values that are equal and look different.</summary>
public static class KeySamples
{
    public static readonly double OtherNaN = BitConverter.UInt64BitsToDouble(0xFFF8_0000_0000_1234);

    public static TheoryData<object, object> EqualPairs => new()
    {
        { 0.0, -0.0 },
        { double.NaN, OtherNaN },
        { 0f, -0f },
        { float.NaN, (float)OtherNaN },
        { (Half)0f, BitConverter.UInt16BitsToHalf(0x8000) },
        { 1.0m, 1.00m },
        { 0m, new decimal(0, 0, 0, isNegative: true, scale: 7) },
        { 79228162514264337593543950330m, 79228162514264337593543950330m },
        { 10.50m, 10.5000000000000000000000000m },
        { new DateTime(5, DateTimeKind.Utc), new DateTime(5, DateTimeKind.Local) },
        { new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 1, 1, 14, 0, 0, TimeSpan.FromHours(2)) },
        { new Uri("HTTP://User@Example.com:80/a#x"), new Uri("http://example.com/a#x") },
        { new Uri("http://example.com/%41"), new Uri("http://example.com/A") },
        { new Uri("a/b", UriKind.Relative), new Uri("a/b", UriKind.Relative) },
        { IPAddress.Loopback, IPAddress.Parse("127.0.0.1") },
        { IPAddress.IPv6Any, IPAddress.Parse("::") },
        { new Version(1, 2), new Version(1, 2) },
        { BigInteger.Pow(7, 900), BigInteger.Pow(49, 450) },
        { new Complex(0.0, 1), new Complex(-0.0, 1) },
        { (1, "a", 0.0), (1, "a", -0.0) },
        { (1, 2, 3, 4, 5, 6, 7, "x", 1.0m), (1, 2, 3, 4, 5, 6, 7, "x", 1.00m) },
        { Tuple.Create(1, 0.0), Tuple.Create(1, -0.0) },
        { KeyValuePair.Create("k", 1.0m), KeyValuePair.Create("k", 1.00m) },
        { Optional<int>.None, new Optional<int>(false, 7) },
        { Optional<string?>.Some(null), new Optional<string?>(true, null) },
        { new { A = 1, B = -0.0 }, new { A = 1, B = 0.0 } },
        { new Point(1, "y"), new Point(1, new string('y', 1)) },
        { new Point3(1, null, -0.0), new Point3(1, null, 0.0) },
        { new Linked(1, new Linked(2, null)), new Linked(1, new Linked(2, null)) },
        { new Cell(1, 2.0m), new Cell(1, 2.00m) },
        { new Plain(0.0, "b", 3), new Plain(-0.0, "b", 3) },
        { new CaseLess("Straße"), new CaseLess("STRAßE") },
        { new Named(1, "a"), new Named(1, "A") },
        { new Vector3(1, 0f, float.NaN), new Vector3(1, -0f, float.NaN) },
        { new UnderOwnEquals(13, 1), new UnderOwnEquals(23, 1) },
        { new Circle(0.0), new Circle(-0.0) },
        { ("a", (object)new Circle(1)), ("a", (object)new Circle(1)) },
    };
}
