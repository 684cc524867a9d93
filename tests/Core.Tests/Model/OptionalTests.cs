namespace MicroSpark.Tests.Model;

public sealed class OptionalTests
{
    [Fact]
    public void Without_a_value_it_is_default()
    {
        Assert.Equal(default, Optional<int>.None);
        Assert.False(Optional<string>.None.HasValue);
        Assert.Null(Optional<string>.None.Value);
        Assert.Equal(7, Optional<int>.None.GetValueOrDefault(7));
        Assert.Equal("None", Optional<int>.None.ToString());
    }

    [Fact]
    public void With_a_value_it_gives_it()
    {
        Optional<int> some = 3;
        Assert.Equal(Optional<int>.Some(3), some);
        Assert.Equal(3, some.GetValueOrDefault(7));
        Assert.Equal("Some(3)", some.ToString());
        Assert.Equal((true, 3), (some.HasValue, some.Value));
    }

    [Fact]
    public void Empty_ones_are_equal_and_null_is_a_value()
    {
        Assert.Equal(new Optional<int>(false, 1), new Optional<int>(false, 2));
        Assert.Equal(new Optional<int>(false, 1).GetHashCode(), new Optional<int>(false, 2).GetHashCode());
        Assert.NotEqual(Optional<string?>.None, Optional<string?>.Some(null));
        Assert.NotEqual(Optional<int>.None, Optional<int>.Some(0));
    }
}
