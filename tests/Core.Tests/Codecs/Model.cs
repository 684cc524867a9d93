namespace MicroSpark.Tests.Codecs;

internal record Person(string Name, int Age);

internal sealed record Employee(string Name, int Age, decimal Salary) : Person(Name, Age);

internal readonly record struct Point3(double X, double Y, string? Label);

internal record struct Pair<TLeft, TRight>(TLeft Left, TRight Right);

/// <summary>State that no property shows, in the class and in its base.</summary>
internal class Counter
{
    private int _count;

    public void Increment() => _count++;

    public int Read() => _count;
}

internal sealed class NamedCounter(string name) : Counter
{
    private readonly string _name = name;
    private int _count = 100;

    public string Describe() => $"{_name}:{_count++}:{Read()}";
}

internal class Node
{
    public int Value;
    public Node? Next;
    public object? Tag;
}

internal sealed class Tree
{
    public List<Tree> Children { get; init; } = [];

    public Tree? Parent { get; set; }

    public string Name { get; init; } = "";
}

/// <summary>Equal by its name: its hash asks for a field that is read before the cycle closes or after it.</summary>
internal sealed class Member
{
    public Club? Club;
    public string Name = "";

    public override bool Equals(object? obj) => obj is Member other && other.Name == Name;

    public override int GetHashCode() => Name.Length;
}

internal sealed class Club
{
    public Dictionary<Member, int> Fees = [];
    public HashSet<Member> Members = [];
}

internal abstract class Shape
{
    public string Color { get; init; } = "red";
}

internal sealed class Circle : Shape
{
    public double Radius { get; init; }
}

internal sealed class Square : Shape
{
    public double Side { get; init; }
}

internal sealed class WithTransient
{
    [NonSerialized]
    public Stream? Log;
    public int Kept;
}

internal sealed class LastLetter : IEqualityComparer<string>, IComparer<string>
{
    private readonly int _fromEnd = 1;

    public bool Equals(string? x, string? y) => Letter(x) == Letter(y);

    public int GetHashCode(string obj) => Letter(obj);

    public int Compare(string? x, string? y) => Letter(x) - Letter(y);

    private char Letter(string? text) => string.IsNullOrEmpty(text) ? ' ' : text[^_fromEnd];
}

internal sealed class Bag : List<int>
{
    public string Owner = "";
}

internal sealed class Order
{
    public List<Line> Lines { get; init; } = [];
}

internal class Line
{
    public int Amount { get; init; }
}

internal sealed class LoggedLine : Line
{
    public object? logger = null;
}

internal sealed class OrderWithWriter
{
    public List<LineWithWriter> Lines { get; init; } = [];
}

internal sealed class LineWithWriter
{
    public StreamWriter? logger = null;
}

internal sealed class Locked
{
    public readonly Lock Gate = new();
}
