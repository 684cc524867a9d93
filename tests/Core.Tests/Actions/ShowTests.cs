using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Actions;

/// <summary>A table's columns are called as the program calls the members of its tuples.</summary>
public sealed class ShowTests : IDisposable
{
    private readonly LocalRunner _runner = new(1, fused: true, simulated: false);

    private Rdd<string> Words => Source.Parallelize(_runner, ["to", "be", "not"], 1);

    public void Dispose() => _runner.Dispose();

    [Fact]
    public Task A_lambda_names_its_tuple() => HeadAsync("Word  Length", Words.Map(word => (Word: word, word.Length)));

    [Fact]
    public Task Names_stay_while_the_elements_do() => HeadAsync(
        "Word  Length", Words.Map(word => (Word: word, word.Length)).Filter(row => row.Length > 0).SortBy(row => row.Length).Coalesce(1));

    [Fact]
    public Task A_lambda_may_give_several() => HeadAsync("Letter  At", Words.FlatMap(word => word.Select((letter, at) => (Letter: letter, At: at))));

    [Fact]
    public Task Only_some_members_may_have_names() => HeadAsync("Item1  Length", Words.Map(word => (word + "!", word.Length)));

    [Fact]
    public async Task A_pair_has_a_key_and_a_value()
    {
        await HeadAsync("Key  Value", Words.Map(word => (word, 1)).ReduceByKey((a, b) => a + b));
        await HeadAsync("Key  Value", Words.KeyBy(word => word.Length));
        await HeadAsync("Key  Values", Words.GroupBy(word => word.Length));
    }

    [Fact]
    public async Task What_nobody_names_has_numbers()
    {
        await HeadAsync("Item1  Item2", Source.Parallelize(_runner, [(Word: "a", At: 1)], 1));
        await HeadAsync("value", Words);
    }

    private static async Task HeadAsync<T>(string head, Rdd<T> rdd)
    {
        using var text = new StringWriter();
        await rdd.ShowAsync(output: text);
        Assert.Equal(head, string.Join("  ", text.ToString().Split('\n')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }
}
