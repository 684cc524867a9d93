using MicroSpark.Closures;

namespace MicroSpark.Tests.Closures;

public sealed class SameElementTests
{
    [Fact]
    public void Only_a_function_that_gives_back_its_argument_is_one()
    {
        var one = 1;
        Assert.True(SameElement.Is<int>(x => x));
        Assert.True(SameElement.Is<string>(static x => x));
        Assert.True(SameElement.Is<int>(Same));
        Assert.False(SameElement.Is<int>(x => x + 1));
        Assert.False(SameElement.Is<int>(x => one));
        Assert.False(SameElement.Is<int>(x => -x));
        Assert.False(SameElement.Is<string>("text".Extended));
        Assert.False(SameElement.Is((Func<int, int>)Same + (x => 2)));
    }

    private static int Same(int x) => x;
}

internal static class ClosedStatic
{
    /// <summary>Called through a delegate whose target is the first argument.</summary>
    public static string Extended(this string first, string second) => first;
}
