using System.Globalization;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Tests.Model;

/// <content>Types of the program's own, and those that are no data.</content>
internal static partial class OddTypes
{
    private enum Tiny : byte
    {
        One = 1,
    }

    [Flags]
    private enum Huge : ulong
    {
        First = 1,
        Last = 1UL << 63,
    }

    private static IEnumerable<OddType> Own() =>
    [
        Of<Row>("record", "EKC", static () => [new(1, "a"), new(1, null), new(1, "a")]),
        Of<Row?>("record of which some are null", "EKC", static () => [new(1, "a"), null, new(1, "a")]),
        Of<WideRow>("record that inherits", "EKC", static () => [new(1, "a", 2.5), new(1, "a", 3), new(1, "a", 2.5)]),
        Of<Row>("record of a base class", "EKC", static () => [new WideRow(1, "a", 2.5), new(1, "a")]),
        Of<RowOf<int>>("generic record", "EKC", static () => [new(1, [2]), new(1, [2])]),
        Of<Pair<string, int?>>("generic record of two", "EKC", static () => [new("a", null), new("b", 1), new("a", null)]),
        Of<Pair<Row, (int, Pair<int, int>)>>("record of records and tuples", "EKC", static () => [new(new(1, "a"), (2, new(3, 4))), new(new(1, "a"), (2, new(3, 4)))]),
        Of<RowStruct>("record struct", "EKC", static () => [new(1, "a"), new(1, null), new(1, "a")]),
        Of<ReadOnlyRow>("readonly record struct", "EKC", static () => [new(1, 2.5), new(2, double.NaN), new(1, 2.5), new(2, double.NaN)]),
        Of<RowStruct?>("record struct?", "EKC", static () => [new(1, "a"), null, new(1, "a")]),
        Of<Plainest>("struct", "EKC", static () => [new() { X = 1, Y = 2 }, default, new() { X = 1, Y = 2 }]),
        Of<Padded>("struct with gaps", "EKC", static () => [new() { A = 1, B = 2 }, default, new() { A = 1, B = 2 }]),
        Of<Overlaid>("struct whose fields overlap", "EKC", static () => [new() { Bits = 1 }, new() { Bits = 2 }]),
        Of<Inlined>("inline array", "EkC", static () => [Inlined.Of(1, 2), Inlined.Of(3, 4)]),
        Of<Holder>("struct with a reference", "EKC", static () => [new("a"), new(null), new("a")]),
        Of<WithEquals>("struct with Equals", "EKC", static () => [new(1), new(2), new(1)]),
        Of<ClassWithEquals>("class with Equals", "EKC", static () => [new(1, "a"), new(2, "a"), new(1, "b")]),
        Of<Cased>("class with Equals that ignores case", "EkC", static () => [new("a"), new("A")]),
        Of<Hashed>("class with IStableHash", "EKC", static () => [new("a"), new("A")]),
        Of<ByReference>("class without Equals", "EkC", static () => [new() { X = 1 }, new() { X = 2 }]),
        Of<Node>("class that refers to itself", "EkC", static () => [Node.Ring(), new()]),
        Of<Tree>("tree of a record", "EkC", static () => [new(1, [new(2, []), new(3, [])])]),
        Of<Chain>("chain of a record", "EKC", static () => [new(1, new(2, null)), new(1, null), new(1, new(2, null))]),
        Of<Deep>("chain of 300", "EkC", static () => [Deep.Of(300)]),
        Of<Shape>("union of records", "EKC", static () => [new Shape.Circle(1), new Shape.Square(1), new Shape.Circle(1)]),
        Of<IShape>("interface", "EKC", static () => [new Round(1), new Angular(2)]),
        Of<Money>("record with a private constructor", "EKC", static () => [Money.Of(1), Money.Of(2), Money.Of(1)]),
        Of<Required>("class with required members", "EkC", static () => [new() { Name = "a" }]),
        Of<WithInit>("record with further members", "EKC", static () => [new(1) { Note = "a" }, new(1) { Note = "b" }, new(1) { Note = "a" }]),
        Of<WithArray>("record that holds an array", "EkC", static () => [new("a", [1, 2])]),
        Of<WithList>("record that holds a list", "EkC", static () => [new("a", [1, 2])]),
        Of<MyList>("class that inherits List", "EkC", static () => [[1, 2], []]),
        Of<MyDictionary>("class that inherits Dictionary", "ekc", static () => [new() { ["a"] = 1 }]),
        Of<MyError>("error of the program's own", "EkC", static () => [new("a")]),
        Of<Dynamic>("class with object fields", "EkC", static () => [new() { Value = 1 }, new() { Value = "a" }, new() { Value = new Row(1, "a") }]),
        Of<Outer<int>.Inner>("nested class of a generic one", "EkC", static () => [new() { Value = 1 }]),
        Of<Ordered>("class with IComparable alone", "EkC", static () => [new() { X = 2 }, new() { X = 1 }]),
        Of<LazyPart>("record with a value computed late", "EkC", static () => [new(2)]),
        Of<(Row, RowStruct?, int[]?)>("tuple of these", "EkC", static () => [(new(1, "a"), null, null)]),
        Of<Optional<int>>("Optional", "EKC", static () => [Optional<int>.Some(1), default, Optional<int>.Some(1)]),
    ];

    private static IEnumerable<OddType> Unusual() =>
    [
        Of<Task<int>>("Task", "ekc", static () => [Task.FromResult(1)]),
        Of<ValueTask<int>>("ValueTask", "ekc", static () => [ValueTask.FromResult(1)]),
        Of<IAsyncEnumerable<int>>("IAsyncEnumerable", "ekc", static () => [new[] { 1 }.ToAsyncEnumerable()]),
        Of<Func<int, int>>("Func", "ekC", static () => [static x => x + 1]),
        Of<Action>("Action", "ekC", static () => [static () => { }]),
        Of<Func<int, Func<int>>>("Func of Funcs", "ekC", static () => [static x => () => x]),
        Of<Lazy<int>>("Lazy", "ekc", static () => [new(static () => 3)]),
        Of<Expression<Func<int, int>>>("expression tree", "ekc", static () => [static x => x + 1]),
        Of<Thread>("Thread", "ekc", static () => [Thread.CurrentThread]),
        Of<Stream>("Stream", "ekc", static () => [new MemoryStream([1])]),
        Of<CancellationToken>("CancellationToken", "ekc", static () => [new(canceled: true)]),
        Of<IDisposable>("handle", "ekc", static () => [new Timer(static _ => { })]),
        Of<WeakReference<string>>("WeakReference", "ekc", static () => [new("a")]),
        Of<IntPtrHolder>("struct with a pointer", "ekc", static () => [default]),
    ];

    private record Row(int Number, string? Text);

    private sealed record WideRow(int Number, string? Text, double More) : Row(Number, Text);

    private sealed record RowOf<T>(T Value, ValueTuple<T> Wrapped)
    {
        public RowOf(T value, T[] one)
            : this(value, new ValueTuple<T>(one[0]))
        {
        }
    }

    private sealed record Pair<TLeft, TRight>(TLeft Left, TRight Right);

    private record struct RowStruct(int Number, string? Text);

    private readonly record struct ReadOnlyRow(int Number, double Price);

    private struct Plainest
    {
        public int X;
        public long Y;

        public override readonly string ToString() => $"{X} {Y}";
    }

    private struct Padded
    {
        public byte A;
        public decimal B;

        public override readonly string ToString() => string.Create(CultureInfo.InvariantCulture, $"{A} {B}");
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Overlaid
    {
        [FieldOffset(0)]
        public long Bits;

        [FieldOffset(0)]
        public double Number;

        public override readonly string ToString() => $"{Bits}";
    }

    [InlineArray(2)]
    private struct Inlined
    {
        private int _first;

        public static Inlined Of(int a, int b)
        {
            var made = default(Inlined);
            made[0] = a;
            made[1] = b;
            return made;
        }

        public override readonly string ToString() => $"{this[0]} {this[1]}";
    }

    private readonly struct Holder(string? text)
    {
        public string? Text { get; } = text;

        public override string ToString() => $"<{Text}>";
    }

    private readonly struct WithEquals(int x) : IEquatable<WithEquals>
    {
        public int X { get; } = x;

        public bool Equals(WithEquals other) => X == other.X;

        public override bool Equals(object? obj) => obj is WithEquals other && Equals(other);

        public override int GetHashCode() => X;

        public override string ToString() => $"{X}";
    }

    private sealed class ClassWithEquals(int id, string text)
    {
        public int Id { get; } = id;

        public string Text { get; } = text;

        public override bool Equals(object? obj) => obj is ClassWithEquals other && other.Id == Id;

        public override int GetHashCode() => Id;

        public override string ToString() => $"{Id}";
    }

    private sealed class Cased(string text)
    {
        public string Text { get; } = text;

        public override bool Equals(object? obj) => obj is Cased other && string.Equals(other.Text, Text, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Text);

        public override string ToString() => Text.ToUpperInvariant();
    }

    private sealed class Hashed(string text) : IStableHash
    {
        public string Text { get; } = text;

        public override bool Equals(object? obj) => obj is Hashed other && string.Equals(other.Text, Text, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Text);

        public ulong StableHash => (ulong)Text.Length;

        public override string ToString() => Text.ToUpperInvariant();
    }

    private sealed class ByReference
    {
        public int X { get; set; }

        public override string ToString() => $"{X}";
    }

    private sealed class Node
    {
        public Node? Next { get; set; }

        public static Node Ring()
        {
            var first = new Node();
            first.Next = new Node { Next = first };
            return first;
        }

        public override string ToString() => Next is null ? "end" : ReferenceEquals(Next.Next, this) ? "ring" : "broken";
    }

    private sealed record Tree(int Value, List<Tree> Below)
    {
        public override string ToString() => $"{Value}({string.Join(' ', Below)})";
    }

    private sealed record Chain(int Value, Chain? Next);

    private sealed class Deep
    {
        public Deep? Next { get; set; }

        public static Deep Of(int count)
        {
            var last = new Deep();
            for (var i = 1; i < count; i++)
            {
                last = new Deep { Next = last };
            }

            return last;
        }

        public override string ToString()
        {
            var count = 0;
            for (var node = this; node is not null; node = node.Next)
            {
                count++;
            }

            return $"{count}";
        }
    }

    private abstract record Shape
    {
        internal sealed record Circle(double Radius) : Shape;

        internal sealed record Square(double Side) : Shape;
    }

    private interface IShape
    {
        double Size { get; }
    }

    private sealed record Round(double Size) : IShape;

    private sealed record Angular(double Size) : IShape;

    private sealed record Money
    {
        private Money(decimal amount) => Amount = amount;

        public decimal Amount { get; }

        public static Money Of(decimal amount) => new(amount);
    }

    private sealed class Required
    {
        public required string Name { get; init; }

        public override string ToString() => Name;
    }

    private sealed record WithInit(int Number)
    {
        public string? Note { get; init; }
    }

    private sealed record WithArray(string Name, int[] Numbers)
    {
        public override string ToString() => $"{Name} {OddText.Of(Numbers)}";
    }

    private sealed record WithList(string Name, List<int> Numbers)
    {
        public override string ToString() => $"{Name} {OddText.Of(Numbers)}";
    }

    private sealed class MyList : List<int>;

    private sealed class MyDictionary : Dictionary<string, int>;

    private sealed class MyError(string message) : Exception(message);

    private sealed class Dynamic
    {
        public object? Value { get; set; }

        public override string ToString() => $"{Value}";
    }

    private sealed class Outer<T>
    {
        internal sealed class Inner
        {
            public T? Value { get; set; }

            public override string ToString() => $"{Value}";
        }
    }

    private sealed class Ordered : IComparable<Ordered>
    {
        public int X { get; set; }

        public int CompareTo(Ordered? other) => X.CompareTo(other?.X ?? 0);

        public override string ToString() => $"{X}";
    }

    private sealed record LazyPart(int Number)
    {
        private int[]? _squares;

        public int[] Squares => _squares ??= [Number * Number];

        public override string ToString() => $"{Number} {Squares[0]}";
    }

    private unsafe struct IntPtrHolder
    {
        public int* Place { get; init; }

        public override readonly string ToString() => $"{(nint)Place}";
    }
}
