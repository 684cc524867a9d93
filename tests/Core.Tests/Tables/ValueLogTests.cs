using MicroSpark.Tables;

namespace MicroSpark.Tests.Tables;

public sealed class ValueLogTests
{
    [Fact]
    public void Groups_without_values_have_an_empty_array()
    {
        var log = new ValueLog<int>();
        log.Add(2, 5);
        log.Add(0, 6);
        log.Add(2, 7);
        Assert.Equal([[6], [], [5, 7], []], log.Split(4));
        Assert.Equal(0, log.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            log.Add(9, 1);
            log.Split(9);
        });
    }

    [Fact]
    public void The_group_with_the_most_values_is_known_when_they_are_split()
    {
        var log = new ValueLog<int>();
        Assert.Equal((0, 0), log.Heaviest);
        foreach (var group in new[] { 3, 1, 1, 3, 2 })
        {
            log.Add(group, 7);
        }

        log.Split(5);
        Assert.Equal((1, 2), log.Heaviest);
        log.Split(0);
        Assert.Equal((0, 0), log.Heaviest);
    }

    [Fact]
    public void One_group_of_many_values_and_many_groups_of_one()
    {
        var log = new ValueLog<(long, long)>();
        const int Many = 100_000;
        for (var i = 0; i < Many; i++)
        {
            log.Add(0, (i, i));
            log.Add(i + 1, (i, 0));
        }

        var groups = log.Split(Many + 1);
        Assert.Equal(Enumerable.Range(0, Many).Select(i => ((long)i, (long)i)), groups[0]);
        Assert.All(groups.Skip(1).Index(), g => Assert.Equal([((long)g.Index, 0L)], g.Item));
    }
}
