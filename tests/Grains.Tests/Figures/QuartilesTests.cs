using MicroSpark.Grains.Figures;

namespace MicroSpark.Tests.Figures;

public sealed class QuartilesTests
{
    [Theory]
    [InlineData("7", "7 7 7 7 7")]
    [InlineData("1 2 3 4", "1 1 2 3 4")]
    [InlineData("5 1 4 2 3", "1 2 3 4 5")]
    [InlineData("10 20 30 40 50 60 70 80", "10 20 40 60 80")]
    public void Quartiles_are_numbers_that_occur(string numbers, string expected) =>
        Assert.Equal(expected.Split(' ').Select(long.Parse), Quartiles.Of(numbers.Split(' ').Select(long.Parse).ToArray()));

    [Fact]
    public void Of_nothing_there_are_none() => Assert.Empty(Quartiles.Of([]));
}
