using MicroSpark.Closures;
using MicroSpark.Code;

namespace MicroSpark.Tests.Closures;

/// <summary>Captures functions as operators do, and runs them here and in a space with its own copy of this assembly.</summary>
internal static class Capturing
{
    public static Closure<TDelegate> Capture<TDelegate>(TDelegate function)
        where TDelegate : Delegate => Closure<TDelegate>.Capture(function, "Map", "f");

    public static void AssertRuns<TIn, TOut>(Func<TIn, TOut> function, TIn input, TOut expected)
    {
        var closure = Capture(function);
        Assert.Equal(expected, closure.CreateInstance()(input));
        using var space = TestSpace.Isolated();
        var there = TestSpace.In(space, closure);
        Assert.Equal(expected, there.CreateInstance()(input));
        Assert.Equal(closure.Method.Module.ModuleVersionId, there.Method.Module.ModuleVersionId);
    }
}

internal static class TestSpace
{
    /// <summary>A space with its own copy of this assembly and all that it references.</summary>
    public static CodeSpace Isolated()
    {
        var space = CodeSpace.Create(useProcess: false);
        foreach (var assembly in s_all.Value)
        {
            space.Load(assembly);
        }

        return space;
    }

    private static readonly Lazy<IReadOnlyList<ShippedAssembly>> s_all = new(() =>
        AssemblyShipping.ClosureOf([CodeSpace.Process.IdOf(typeof(TestSpace).Assembly)!.Value]));

    public static Closure<TDelegate> In<TDelegate>(CodeSpace space, Closure<TDelegate> closure)
        where TDelegate : Delegate => Closure<TDelegate>.FromEncoded(closure.Encoded, space);
}
