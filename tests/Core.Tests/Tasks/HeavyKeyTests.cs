using MicroSpark.Tasks;

namespace MicroSpark.Tests.Tasks;

/// <summary>Keys are made into text where that runs no code of the program, and so that a screen can take it.</summary>
public sealed class HeavyKeyTests
{
    [Theory]
    [InlineData(typeof(int), true)]
    [InlineData(typeof(string), true)]
    [InlineData(typeof(DayOfWeek), true)]
    [InlineData(typeof(Guid), true)]
    [InlineData(typeof((int, (string, DateTime))), true)]
    [InlineData(typeof((int, Own)), false)]
    [InlineData(typeof(Own), false)]
    [InlineData(typeof(object), false)]
    [InlineData(typeof(Tuple<int, Own>), false)]
    [InlineData(typeof(Uri), false)]
    public void Only_types_of_the_framework_that_are_plain_are_shown(Type type, bool shown) => Assert.Equal(shown, HeavyKey.CanShow(type));

    [Fact]
    public void A_key_is_cut_and_cannot_act_on_a_terminal()
    {
        Assert.Equal(new HeavyKey("a b", 5), HeavyKey.Of("a\u001bb", 5));
        Assert.Equal(80, HeavyKey.Of(new string('x', 1000), 5).Key.Length);
        Assert.Equal("null", HeavyKey.Of(null, 5).Key);
    }

    private struct Own
    {
        public override readonly string ToString() => throw new InvalidOperationException("code of the program");
    }
}
