using System.Collections.Concurrent;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.Stages.Selecting;

/// <summary>Jobs whose flat-maps end with a <c>Select</c>, compiled and interpreted, with LINQ as the model.</summary>
public class SelectLoopTests
{
    // Short and empty ones, and some longer than what is gathered, and than what is selected at once.
    private static readonly int[] s_sizes = [3, 0, 1, 64, 65, 0, 256, 257, 7, 1_024, 1_025, 2, 500];

    private static readonly (int Key, int[] Items)[] s_rows = [.. s_sizes.Select((size, i) => (i, Enumerable.Range(i * 10_000, size).ToArray()))];

    private static readonly ConcurrentQueue<int> s_selected = [];

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Selected_elements_come_in_order(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var rows = bench.Of(s_rows);
            var lists = s_rows.Select(row => (row.Key, row.Items.ToList()));
            await SameAsync(s_rows.SelectMany(row => row.Items.Select(item => (row.Key, item))), rows.FlatMap(row => row.Items.Select(item => (row.Key, item))));
            await SameAsync(s_rows.SelectMany(row => row.Items.Select(item => item + 0.5)), bench.Of(lists).FlatMap(row => row.Item2.Select(item => item + 0.5)));
            await SameAsync(
                s_rows.SelectMany(row => row.Items.Select(item => $"{item}")).Where(text => text.Length % 2 == 0),
                rows.FlatMap(row => row.Items.Select(item => $"{item}")).Filter(text => text.Length % 2 == 0));
            await SameAsync(s_rows.SelectMany(row => row.Items.Select(item => (row.Key, item * 2))), rows.FlatMapValues(items => items.Select(item => item * 2)));
            await SameAsync(
                s_rows.SelectMany(row => Parts(row.Items)).SelectMany(part => part.Select(item => item + 1)),
                rows.FlatMap(row => Parts(row.Items)).FlatMap(part => part.Select(item => item + 1)));
            await SameAsync(from row in s_rows from item in row.Items select (item, row.Key), from row in rows from item in row.Items select (item, row.Key));
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Selected_pairs_are_combined(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var rows = bench.Of(s_rows);
            var model = s_rows.SelectMany(row => Shares(row.Items, row.Key)).GroupBy(pair => pair.Key).Select(group => (group.Key, group.Sum(pair => pair.Value))).Order();
            Assert.Equal(model, (await rows.FlatMap(row => Shares(row.Items, row.Key)).ReduceByKey((a, b) => a + b).CollectAsync()).Order());

            // Keys that cannot be addressed directly take another loop.
            Assert.Equal(
                model.Select(pair => ($"{pair.Key}", pair.Item2)).Order(),
                (await rows.FlatMap(row => row.Items.Select(item => ($"{item % 100}", 1L))).ReduceByKey((a, b) => a + b).CollectAsync()).Order());
            Assert.Equal(s_sizes.Sum(), await rows.FlatMap(row => row.Items.Select(item => item)).CountAsync());
        });

    // Longer than what is pulled ahead of iterators: only a copy of the function selects all of it first.
    [Fact]
    public async Task Who_takes_all_has_it_selected_by_a_copy()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var rows = Source.Parallelize(runner, [Enumerable.Range(0, 100).ToArray()], 1);
        s_selected.Clear();
        await rows.FlatMap(row => row.Select(item => Seen(item))).Map(item => Seen(-item - 1)).CountAsync();
        Assert.Equal([.. Enumerable.Range(0, 100), .. Enumerable.Range(0, 100).Select(item => -item - 1)], s_selected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_takes_a_few_elements_does_not_have_all_selected(bool fused)
    {
        using var runner = new LocalRunner(1, fused, simulated: false);
        var rows = Source.Parallelize(runner, [new[] { 4, 2, 1, 5, 3, 9, 0 }], 1);
        Assert.Equal(new[] { 25, 50 }, await rows.FlatMap(row => row.Select(item => 100 / item)).TakeAsync(2));
    }

    // Interpreted, the selector runs when somebody further down pulls.
    [Fact]
    public async Task An_error_of_a_selector_names_the_operator_and_the_element()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var rows = Source.Parallelize(runner, [[1], new[] { 4, 2, 0, 5 }, [3]], 1);
        foreach (var job in new Func<Task>[]
        {
            () => rows.FlatMap(row => row.Select(item => 100 / item)).CountAsync(),
            () => rows.FlatMap(row => row.Select(item => (item, 100 / item))).ReduceByKey((a, b) => a + b).CollectAsync(),
            () => rows.FlatMap(row => Inverse(row)).Map(item => item + 1).Cache().CollectAsync(),
        })
        {
            var error = await Assert.ThrowsAsync<TaskFailedException>(job);
            Assert.Equal(typeof(DivideByZeroException).FullName, error.Failure.TypeName);
            Assert.Equal(("FlatMap", 1L), (error.Failure.Operator, error.Failure.ElementIndex));
            Assert.Contains(nameof(An_error_of_a_selector_names_the_operator_and_the_element), error.Failure.Function, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_null_source_fails_as_LINQ_does(bool fused)
    {
        using var runner = new LocalRunner(1, fused, simulated: false);
        var rows = Source.Parallelize(runner, [[1], (int[])null!], 1);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => rows.FlatMap(row => row.Select(item => item)).CountAsync());
        Assert.Equal(typeof(ArgumentNullException).FullName, error.Failure.TypeName);
        Assert.Equal(("FlatMap", 1L), (error.Failure.Operator, error.Failure.ElementIndex));
    }

    // What is collected may be wanted in part and is selected as LINQ does; what is kept is wanted whole.
    private static async Task SameAsync<T>(IEnumerable<T> expected, Rdd<T> actual)
    {
        Assert.Equal(expected, await actual.CollectAsync());
        var kept = actual.Cache();
        Assert.Equal(expected, await kept.CollectAsync());
        await kept.UnpersistAsync();
    }

    private static IEnumerable<List<int>> Parts(int[] items) => items.Chunk(100).Select(part => part.ToList());

    private static IEnumerable<(int Key, long Value)> Shares(IReadOnlyList<int> items, int key)
    {
        var share = key >= 0 ? 1L : key;
        return items.Select(item => (item % 100, share));
    }

    private static int Seen(int item)
    {
        s_selected.Enqueue(item);
        return item;
    }

    private static IEnumerable<int> Inverse(int[] row) => row.Select(item => 100 / item);
}
