using CsCheck;

namespace MicroSpark.Tests.Hashing;

/// <summary>CsCheck's generators on one fixed sequence: its own Sample fixes only the first example.</summary>
internal static class FixedSample
{
    public static void Check<T>(this Gen<T> gen, Func<T, bool> holds, int count = 200)
    {
        var random = new PCG(1u, 0x5EED);
        for (var i = 0; i < count; i++)
        {
            var example = gen.Generate(random, null, out _);
            Assert.True(holds(example), $"Example {i} of {typeof(T)} fails: {example}");
        }
    }

    public static void Check<A, B>(this Gen<(A, B)> gen, Func<A, B, bool> holds, int count = 200) =>
        gen.Check(example => holds(example.Item1, example.Item2), count);
}
