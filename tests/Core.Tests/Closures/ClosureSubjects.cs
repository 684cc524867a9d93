using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Closures;

// What the tests' lambdas capture, and where some of them stand.

internal enum Level
{
    Low,
    High,
}

internal sealed record Skill(string Name, int Rank);

internal sealed record Person(string Name, List<Skill>? Skills, Level? Level)
{
    public string Greet(string greeting) => greeting + " " + Name;
}

internal sealed class Sensor(string name, int scale)
{
    public string Name { get; } = name;

    public int Scale { get; set; } = scale;

    public TextWriter? Log { get; set; }
}

internal readonly struct Offset(int by)
{
    private readonly int _by = by;

    public int Add(int x) => x + _by;

    public Func<int, int> Lambda()
    {
        var copy = this;
        return x => copy.Add(x);
    }
}

internal class Base(int k)
{
    protected int K => k;

    public virtual int Virtual(int x) => x + K;
}

internal sealed class Derived(int k) : Base(k)
{
    public override int Virtual(int x) => x + (100 * K);
}

internal static class Generic<T>
{
    public static Func<int, string> Make<U>(T t, U u) => x => $"{t} {u} {x} {typeof(T).Name} {typeof(U).Name}";

    public static string Static<U>(int x) => $"{x} {typeof(T).Name} {typeof(U).Name}";
}

internal sealed class InConstructor
{
    private readonly int _k;

    public InConstructor(int k)
    {
        _k = k;
        Function = x => x + _k;
    }

    public Func<int, int> Function { get; }
}

internal sealed class Primary(int k, TextWriter log)
{
    public Func<int, int> Function() => x => x + k;

    public void Log() => log.Write(k);
}

internal sealed class Asking : IShippable
{
    [NonSerialized]
    public (string, string) Asked;

    public int Value => 1;

    public void OnCapture(CaptureContext context) => Asked = (context.OperatorName, context.ParameterName);
}

internal static class Extensions
{
    public static string Joined(this string first, string second) => first + second;

    public static int Nth(this List<int> list, int index) => list[index];
}
