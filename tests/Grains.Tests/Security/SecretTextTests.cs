using MicroSpark.Grains.Security;
using MicroSpark.Options;

namespace MicroSpark.Tests.Security;

/// <summary>A secret is what the command made, and an error shows none.</summary>
public sealed class SecretTextTests
{
    [Fact]
    public void What_is_made_is_accepted_and_never_twice_the_same()
    {
        var one = SecretText.New();

        Assert.StartsWith("microspark1-", one, StringComparison.Ordinal);
        Assert.Single(SecretText.Parse($" {one}\n", "Secret"));
        Assert.NotEqual(one, SecretText.New());
    }

    [Fact]
    public void The_digits_of_a_file_made_before_are_accepted() => Assert.Single(SecretText.Parse(TestSecrets.TextOf("s"), "Secret"));

    [Fact]
    public void Two_are_accepted_and_three_are_not()
    {
        Assert.Equal(2, SecretText.Parse($"{SecretText.New()}\r\n{SecretText.New()}\r\n", "SecretFile").Length);
        Assert.Throws<InvalidSettingException>(() => SecretText.Parse($"{SecretText.New()} {SecretText.New()} {SecretText.New()}", "Secret"));
        Assert.Throws<InvalidSettingException>(() => SecretText.Parse(" ", "Secret"));
    }

    [Theory]
    [InlineData("hunter2")]
    [InlineData("correct-horse-battery-staple")]
    [InlineData("microspark1-")]
    [InlineData("microspark1-hunter2")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void Words_that_somebody_chose_are_refused_with_the_way_out_and_not_repeated(string chosen)
    {
        var error = Assert.Throws<InvalidSettingException>(() => ClusterSecret.Of(chosen));

        Assert.Contains("microspark secret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("staple", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("zzz", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_digit_that_was_lost_or_changed_is_noticed()
    {
        var whole = SecretText.New();
        for (var i = "microspark1-".Length; i < whole.Length; i++)
        {
            var changed = $"{whole[..i]}{(whole[i] == '0' ? '1' : '0')}{whole[(i + 1)..]}";
            Assert.Throws<InvalidSettingException>(() => SecretText.Parse(changed, "Secret"));
            Assert.Throws<InvalidSettingException>(() => SecretText.Parse(whole.Remove(i, 1), "Secret"));
        }
    }
}
