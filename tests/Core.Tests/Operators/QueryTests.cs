namespace MicroSpark.Tests.Operators;

public class QueryTests
{
    private sealed record Person(string Name, string? City, int Age);

    private static readonly Person[] s_people =
    [
        new("Ada", "Rome", 36), new("Bob", null, 36), new("Cy", "Oslo", 20), new("Di", "Rome", 20), new("Ed", "Lima", 36), new("Flo", "Oslo", 51), new("Gus", null, 51),
    ];

    private static readonly (string? City, int Size)[] s_cities = [("Rome", 3), ("Oslo", 1), ("Rome", 4), (null, 9), ("Bonn", 2)];

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Orders(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var people = bench.Of(s_people);
            Assert.Equal(
                from p in s_people orderby p.Age, p.Name descending select p.Name,
                await (from p in people orderby p.Age, p.Name descending select p.Name).CollectAsync());
            Assert.Equal(
                s_people.OrderByDescending(p => p.Age).ThenBy(p => p.City, StringComparer.Ordinal).ThenByDescending(p => p.Name),
                await people.OrderByDescending(p => p.Age).ThenBy(p => p.City).ThenByDescending(p => p.Name).CollectAsync());
            var ordered = people.OrderBy(p => p.Name);
            Assert.Equal(s_people.OrderBy(p => p.Name), await ordered.CollectAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Joins_as_in_LINQ_to_objects(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var (people, cities) = (bench.Of(s_people), bench.Of(s_cities));
            Assert.Equal(
                (from p in s_people join c in s_cities on p.City equals c.City select (p.Name, c.Size)).Order(),
                (await (from p in people join c in cities on p.City equals c.City select (p.Name, c.Size)).CollectAsync()).Order());
            Assert.Equal(
                (from p in s_people join c in s_cities on p.City equals c.City into all select (p.Name, all.Sum(c => c.Size))).Order(),
                (await (from p in people join c in cities on p.City equals c.City into all select (p.Name, all.Sum(c => c.Size))).CollectAsync()).Order());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Query_syntax(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var people = bench.Of(s_people);
            var query =
                from p in people
                let letters = p.Name.Length
                from i in Enumerable.Range(0, letters)
                where i % 2 == 0
                group p.Age + i by p.City into g
                orderby g.Key descending
                select (g.Key, g.Values.Sum());
            var expected =
                from p in s_people
                let letters = p.Name.Length
                from i in Enumerable.Range(0, letters)
                where i % 2 == 0
                group p.Age + i by p.City into g
                orderby g.Key descending
                select (g.Key, g.Sum());
            Assert.Equal(expected, await query.CollectAsync());
            var boxed = bench.Of(1, 2, 3).Cast<object>();
            Assert.Equal(new[] { 2, 4, 6 }, await (from int x in boxed select x * 2).CollectAsync());
        });
}
