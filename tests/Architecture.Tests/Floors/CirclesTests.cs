namespace MicroSpark.Tests.Floors;

public sealed class CirclesTests
{
    [Fact]
    public void Each_circle_is_found_and_nothing_else()
    {
        (int, int)[] arrows = [(1, 2), (2, 3), (3, 1), (3, 4), (4, 5), (5, 4), (5, 6), (7, 1)];

        Assert.Equal(["1 2 3", "4 5"], Circles<int>.In(arrows).Select(circle => string.Join(' ', circle.Order())).Order());
    }
}
