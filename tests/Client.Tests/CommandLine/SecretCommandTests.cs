namespace MicroSpark.Tests.CommandLine;

/// <summary><c>secret</c> prints one secret and nothing else, so that it can go into a file.</summary>
public sealed class SecretCommandTests
{
    [Fact]
    public async Task It_prints_a_new_one_each_time()
    {
        var one = await ConsoleRun.OfAsync("secret");
        var two = await ConsoleRun.OfAsync("secret");

        Assert.Equal(0, one.ExitCode);
        Assert.Equal("", one.Error);
        Assert.Matches("^microspark1-[0-9a-f]{72}\r?\n$", one.Out);
        Assert.NotEqual(one.Out, two.Out);
    }
}
