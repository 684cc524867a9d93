using MicroSpark.Display;

namespace MicroSpark.Tests.Display;

/// <summary>Tables that a screen can show.</summary>
public sealed class TextTableTests
{
    [Fact]
    public void Numbers_stand_to_the_right_and_nulls_with_them() => Assert.Equal(
        """
        name     n
        ----  ----
        a        1
        null  null
        b       20

        """.ReplaceLineEndings("\n"),
        Text(["name", "n"], int.MaxValue, ["a", 1], [null, null], ["b", 20]));

    [Fact]
    public void Columns_that_a_screen_has_no_room_for_follow_below() => Assert.Equal(
        """
         first  second
        ------  ------
        111111       2

        a very wide one
        ---------------
        x

        third
        -----
            3

        """.ReplaceLineEndings("\n"),
        Text(["first", "second", "a very wide one", "third"], 14, [111111, 2, "x", 3]));

    [Theory]
    [InlineData("plain", 5)]
    [InlineData("漢字", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("🙂!", 3)]
    [InlineData("ｆｕｌｌ", 8)]
    [InlineData("…─", 2)]
    public void Wide_characters_take_two_columns(string text, int width) => Assert.Equal(width, TextWidth.Of(text));

    [Theory]
    [InlineData("abcde", 5, "abcde")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("abc🙂ef", 5, "abc…")]
    [InlineData("a\nb", 5, "a b")]
    public void A_long_cell_is_cut(string text, int most, string expected) => Assert.Equal(expected, ValueText.Short(text, most));

    private static string Text(string[] columns, int width, params object?[][] rows)
    {
        var table = new TextTable(columns);
        foreach (var row in rows)
        {
            table.Add(row);
        }

        using var output = new StringWriter { NewLine = "\n" };
        table.Write(output, width);
        return output.ToString();
    }
}
