using System.Globalization;
using MicroSpark.Grains.History;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Figures;

/// <summary>Of a stack the line that a user can change.</summary>
public sealed class UserLineTests
{
    [Fact]
    public void The_first_frame_with_a_line_that_is_not_the_engines_is_it()
    {
        const string Stack = """
               at System.Number.ThrowFormatException[TChar](ReadOnlySpan`1 value)
               at MicroSpark.Tasks.TaskSpec.Something(Int32 i) in /src/Core/Tasks/Tasks.cs:line 7
               at Shop.Orders.<>c.<Main>b__0_1(String line) in C:\shop\My Orders\Program.cs:line 12
               at Shop.Other.Run() in /shop/Other.cs:line 3
            """;
        Assert.Equal("Program.cs:12", UserLine.Of(Stack));
        Assert.Null(UserLine.Of("   at Shop.Orders.Main()"));
        Assert.Null(UserLine.Of(null));
    }

    [Fact]
    public void Of_what_was_really_thrown_it_is_the_line_of_the_innermost()
    {
        var thrown = Assert.Throws<InvalidOperationException>(() => Rethrow("no number"));
        var at = UserLine.Of(UserLine.StackOf(TaskFailure.Of(thrown)));
        Assert.StartsWith("UserLineTests.cs:", at, StringComparison.Ordinal);
        Assert.InRange(int.Parse(at!.Split(':')[1], CultureInfo.InvariantCulture), 35, 39);
    }

    private static int Rethrow(string text)
    {
        try
        {
            return int.Parse(text, CultureInfo.InvariantCulture);
        }
        catch (FormatException e)
        {
            throw new InvalidOperationException("it failed", e);
        }
    }
}
