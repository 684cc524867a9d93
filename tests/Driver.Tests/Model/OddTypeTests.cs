namespace MicroSpark.Tests.Model;

/// <summary>
/// Odd types as elements, keys and captured values: each gives LINQ's answer in every mode, or is refused in every mode when it is declared.
/// The programs are drawn by a seed; <c>MICROSPARK_ODD_SEEDS</c> asks for more of them.
/// </summary>
public sealed class OddTypeTests(ModelClusters clusters) : IClassFixture<ModelClusters>
{
    private static readonly int s_seeds = int.TryParse(Environment.GetEnvironmentVariable("MICROSPARK_ODD_SEEDS"), out var seeds) ? seeds : 1;

    public static TheoryData<string> Names => [.. OddTypes.All.Select(static type => type.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_odd_type_has_one_verdict_in_every_mode(string name)
    {
        var (index, type) = OddTypes.All.Index().Single(entry => entry.Item.Name == name);
        for (var seed = 0; seed < s_seeds; seed++)
        {
            foreach (var mode in ModelClusters.Modes)
            {
                var found = await type.TryAsync(clusters.All[mode], (1000 * seed) + index);
                Assert.True(type.Verdict == found, $"{name} on {mode}, seed {seed}\nexpected {type.Verdict}\nfound    {found}");
            }
        }

        GC.Collect();
    }

    [Fact]
    public void There_are_150_of_which_120_give_the_answer()
    {
        Assert.True(OddTypes.All.Count >= 150, $"{OddTypes.All.Count}");
        Assert.Equal(OddTypes.All.Count, OddTypes.All.Select(static type => type.Name).Distinct().Count());
        Assert.True(OddTypes.All.Count(static type => type.Verdict.StartsWith('E') && type.Verdict.EndsWith('C')) >= 120);
    }
}
