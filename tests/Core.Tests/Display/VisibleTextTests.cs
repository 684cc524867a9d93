using MicroSpark.Display;

namespace MicroSpark.Tests.Display;

/// <summary>What strangers write acts on nobody's terminal.</summary>
public class VisibleTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a tab\tstays, ü and 日本 and 😀 too", "a tab\tstays, ü and 日本 and 😀 too")]
    [InlineData("two\nlines\r\n", @"two\nlines\r\n")]
    [InlineData("\u001b[2J\u0007", @"\u001b[2J\u0007")]
    [InlineData("\u009b31m\u007f", @"\u009b31m\u007f")]
    [InlineData("evil\u202egnp.exe", @"evil\u202egnp.exe")]
    public void What_would_act_is_spelled_out(string text, string shown) => Assert.Equal(shown, VisibleText.Of(text));

    [Fact]
    public void Half_a_pair_is_spelled_out() => Assert.Equal(@"half \ud800 a pair \udc00", VisibleText.Of("half \ud800 a pair \udc00"));

    [Fact]
    public void What_is_too_long_is_cut()
    {
        Assert.Equal("abcde", VisibleText.Of("abcde", 5));
        Assert.Equal("abcd…", VisibleText.Of("abcde", 4));
        Assert.Equal(@"a\nb…", VisibleText.Of("a\nbcd", 3));
    }
}
