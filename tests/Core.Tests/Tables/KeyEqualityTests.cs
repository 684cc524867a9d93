using CsCheck;
using MicroSpark.Tables;
using MicroSpark.Tests.Hashing;

namespace MicroSpark.Tests.Tables;

public sealed class KeyEqualityTests
{
    [Fact]
    public void Is_the_default_equality()
    {
        var small = Gen.Int[0, 2];
        var text = Gen.Int[-1, 1].Select(i => i < 0 ? null : new string('x', i));
        var number = Gen.Int[0, 2].Select(i => i == 0 ? -0.0 : i == 1 ? 0.0 : double.NaN);
        Agrees(small);
        Agrees(number);
        Agrees(text);
        Agrees(text.Select(t => (object?)t));
        Agrees(small.Select(i => i == 0 ? (int?)null : i));
        Agrees(Gen.Select(small, text).Select((k, v) => KeyValuePair.Create(k, v)));
        Agrees(Gen.Select(number, text, small).Select((a, b, c) => new Plain(a, b, c)));
        Agrees(Gen.Select(small, number).Select((a, b) => new Outer { Inner = new Plain(b, "", a), Level = (Colour)a }));
        Agrees(Gen.Select(small, text).Select((x, y) => new Point(x, y)));
        Agrees(Gen.Select(small, text));
    }

    private static void Agrees<T>(Gen<T> gen) =>
        Gen.Select(gen, gen).Check((a, b) => KeyEquality<T>.Same(a, b) == EqualityComparer<T>.Default.Equals(a, b), count: 500);

    private struct Outer
    {
        public Plain Inner;
        public Colour Level;
    }
}
