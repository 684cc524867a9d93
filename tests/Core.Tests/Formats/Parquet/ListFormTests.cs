using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using MicroSpark.Tests.Files;
using static MicroSpark.Tests.Formats.Parquet.ParquetBytes;

namespace MicroSpark.Tests.Formats.Parquet;

/// <summary>Lists and maps in all forms that writers have given them, and what nulls and empty lists are in each.</summary>
public sealed class ListFormTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public sealed record Ints(List<int?>? L);

    public sealed record Exact(int[] L);

    public sealed record Items(List<Item>? L);

    public sealed record Item(int A, string? B = null);

    public sealed record Deep(IReadOnlyList<IReadOnlyList<int?>?>? L);

    public sealed record Map(Dictionary<string, int?>? L);

    public sealed record Pairs(List<KeyValuePair<string, int?>>? L);

    public sealed record Owner(Inner? S);

    public sealed record Inner(int? A, List<int?>? L);

    public sealed record Flat(int Id);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("list", "element")]
    [InlineData("list", "item")]
    [InlineData("bag", "array_element")]
    [InlineData("anything", "at all")]
    public void A_list_of_three_levels_has_any_names(string group, string element)
    {
        // [1, null, 3]  [null]  []  null
        var path = Write(
            [Group("L", Repetition.Optional, 1, LogicalKind.List), Group(group, Repetition.Repeated, 1), Leaf(element, PhysicalType.Int32, Repetition.Optional)],
            4, Plain([1, 3], rep: [0, 1, 1, 0, 0, 0], def: [3, 2, 3, 2, 1, 0]));
        Assert.Equal(["1,null,3", "null", "", "(null)"], Read<Ints>(path).Select(static row => Text(row.L)));
    }

    [Fact]
    public void A_list_that_must_be_there_of_items_that_must_be_there_is_an_array()
    {
        var path = Write(
            [Group("L", Repetition.Required, 1, LogicalKind.List), Group("list", Repetition.Repeated, 1), Leaf("element", PhysicalType.Int32)],
            3, Plain([1, 2, 3], rep: [0, 1, 0, 0], def: [1, 1, 0, 1]));
        Assert.Equal(["1,2", "", "3"], Read<Exact>(path).Select(static row => string.Join(',', row.L)));
    }

    [Fact]
    public void A_list_of_two_levels_repeats_its_items_themselves()
    {
        var path = Write(
            [Group("L", Repetition.Optional, 1, LogicalKind.List), Leaf("array", PhysicalType.Int32, Repetition.Repeated)],
            3, Plain([1, 2], rep: [0, 1, 0, 0], def: [2, 2, 1, 0]));
        Assert.Equal(["1,2", "", "(null)"], Read<Ints>(path).Select(static row => Text(row.L)));
    }

    [Theory]
    [InlineData("array")]
    [InlineData("L_tuple")]
    public void A_repeated_group_of_one_column_is_the_item_if_an_old_writer_named_it_so(string group)
    {
        var path = Write(
            [Group("L", Repetition.Optional, 1, LogicalKind.List), Group(group, Repetition.Repeated, 1), Leaf("a", PhysicalType.Int32)],
            2, Plain([1, 2], rep: [0, 1, 0], def: [2, 2, 0]));
        Assert.Equal([[new Item(1), new Item(2)], null], Read<Items>(path).Select(static row => row.L));
    }

    [Fact]
    public void A_repeated_group_of_two_columns_is_the_item()
    {
        var path = Write(
            [Group("L", Repetition.Optional, 1, LogicalKind.List), Group("list", Repetition.Repeated, 2), Leaf("a", PhysicalType.Int32),
                Leaf("b", PhysicalType.Bytes, Repetition.Optional, new(LogicalKind.Text))],
            2, Plain([1, 2], rep: [0, 1, 0], def: [2, 2, 1]),
            [new Page(3, PageEncoding.Plain, [1, 0, 0, 0, (byte)'x'], [0, 1, 0], [3, 2, 1])]);
        Assert.Equal([[new Item(1, "x"), new Item(2)], []], Read<Items>(path).Select(static row => row.L));
    }

    [Fact]
    public void What_repeats_without_saying_that_it_is_a_list_is_one()
    {
        var path = Write([Leaf("L", PhysicalType.Int32, Repetition.Repeated)], 2, Plain([1, 2], rep: [0, 0, 1], def: [0, 1, 1]));
        Assert.Equal(["", "1,2"], Read<Ints>(path).Select(static row => Text(row.L)));
        path = Write(
            [Group("L", Repetition.Repeated, 2), Leaf("a", PhysicalType.Int32), Leaf("b", PhysicalType.Bytes, Repetition.Optional, new(LogicalKind.Text))],
            2, Plain([1, 2], rep: [0, 0, 1], def: [0, 1, 1]), [new Page(3, PageEncoding.Plain, [0, 0, 0, 0], [0, 0, 1], [0, 1, 2])]);
        Assert.Equal([[], [new Item(1), new Item(2, "")]], Read<Items>(path).Select(static row => row.L));
    }

    [Fact]
    public void Lists_of_lists_keep_what_is_empty_and_what_is_null_at_each_level()
    {
        // [[1, 2], [], null, [null]]  []  null
        var path = Write(
            [Group("L", Repetition.Optional, 1, LogicalKind.List), Group("list", Repetition.Repeated, 1), Group("element", Repetition.Optional, 1, LogicalKind.List),
                Group("list", Repetition.Repeated, 1), Leaf("element", PhysicalType.Int32, Repetition.Optional)],
            3, Plain([1, 2], rep: [0, 2, 1, 1, 1, 0, 0], def: [5, 5, 3, 2, 4, 1, 0]));
        Assert.Equal(["[1,2][](null)[null]", "", "(null)"], Read<Deep>(path).Select(
            static row => row.L is null ? "(null)" : string.Concat(row.L.Select(static list => list is null ? "(null)" : $"[{Text(list)}]"))));
    }

    [Theory]
    [InlineData("key_value")]
    [InlineData("map")]
    public void A_map_is_a_dictionary_or_a_list_of_pairs(string group)
    {
        // {a: 1, b: null}  {}  null
        var path = Write(
            [Group("L", Repetition.Optional, 1, LogicalKind.Map), Group(group, Repetition.Repeated, 2),
                Leaf("key", PhysicalType.Bytes, logical: new(LogicalKind.Text)), Leaf("value", PhysicalType.Int32, Repetition.Optional)],
            3, [new Page(4, PageEncoding.Plain, [1, 0, 0, 0, (byte)'a', 1, 0, 0, 0, (byte)'b'], [0, 1, 0, 0], [2, 2, 1, 0])],
            Plain([1], rep: [0, 1, 0, 0], def: [3, 2, 1, 0]));
        var maps = Read<Map>(path).ConvertAll(static row => row.L);
        Assert.Equal(new() { ["a"] = 1, ["b"] = null }, maps[0]);
        Assert.Empty(maps[1]!);
        Assert.Null(maps[2]);
        Assert.Equal([[new("a", 1), new("b", null)], [], null], Read<Pairs>(path).Select(static row => row.L));
    }

    [Fact]
    public void A_map_without_values_is_a_list_of_its_keys()
    {
        var path = Write(
            [Group("L", Repetition.Optional, 1, LogicalKind.Map), Group("key_value", Repetition.Repeated, 1), Leaf("key", PhysicalType.Int32)],
            2, Plain([1, 2], rep: [0, 1, 0], def: [2, 2, 1]));
        Assert.Equal(["1,2", ""], Read<Ints>(path).Select(static row => Text(row.L)));
    }

    [Fact]
    public void A_key_that_comes_twice_is_no_dictionary()
    {
        var path = Write(
            [Group("L", Repetition.Optional, 1, LogicalKind.Map), Group("key_value", Repetition.Repeated, 2),
                Leaf("key", PhysicalType.Bytes, logical: new(LogicalKind.Text)), Leaf("value", PhysicalType.Int32, Repetition.Optional)],
            1, [new Page(2, PageEncoding.Plain, [1, 0, 0, 0, (byte)'a', 1, 0, 0, 0, (byte)'a'], [0, 1], [2, 2])], Plain([1, 2], rep: [0, 1], def: [3, 3]));
        Assert.Contains("row 0, column 'L.key_value.key': expected a map with one value for each key, found 'a' twice", Fails<Map>(path), StringComparison.Ordinal);
        Assert.Equal([new("a", 1), new("a", 2)], Read<Pairs>(path).Single().L!);
    }

    [Fact]
    public void A_struct_is_null_or_its_members_are()
    {
        // {1, [2]}  {null, null}  {null, []}  null
        var path = Write(
            [Group("S", Repetition.Optional, 2), Leaf("a", PhysicalType.Int32, Repetition.Optional), Group("l", Repetition.Optional, 1, LogicalKind.List),
                Group("list", Repetition.Repeated, 1), Leaf("element", PhysicalType.Int32, Repetition.Optional)],
            4, Plain([1], rep: null, def: [2, 1, 1, 0]), Plain([2], rep: [0, 0, 0, 0], def: [4, 1, 2, 0]));
        Assert.Equal(
            ["1 2", "(null) (null)", "(null) ", "null"],
            Read<Owner>(path).Select(static row => row.S is null ? "null" : $"{row.S.A?.ToString() ?? "(null)"} {Text(row.S.L)}"));
    }

    [Fact]
    public void Columns_that_tell_of_other_lists_are_damaged()
    {
        var path = Write(
            [Group("L", Repetition.Optional, 1, LogicalKind.List), Group("list", Repetition.Repeated, 2), Leaf("a", PhysicalType.Int32),
                Leaf("b", PhysicalType.Bytes, Repetition.Optional, new(LogicalKind.Text))],
            1, Plain([1, 2], rep: [0, 1], def: [2, 2]), [new Page(1, PageEncoding.Plain, [], [0], [2])]);
        Assert.Contains("lists.parquet", Fails<Items>(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_cannot_be_read_does_no_harm_until_it_is_asked_for()
    {
        var path = Write(
            [Leaf("Id", PhysicalType.Int32), Group("V", Repetition.Optional, 2, LogicalKind.Variant), Leaf("metadata", PhysicalType.Bytes),
                Leaf("value", PhysicalType.Bytes, Repetition.Optional), Leaf("I", PhysicalType.FixedBytes, logical: new(LogicalKind.Interval), length: 12)],
            1, Plain([7], null, null), [new Page(1, (PageEncoding)77, [], Def: [0])], [new Page(1, PageEncoding.Plain, [], Def: [0])],
            [new Page(1, PageEncoding.Plain, new byte[12])]);
        Assert.Equal(7, Read<Flat>(path).Single().Id);
        Assert.Contains("lists.parquet', column 'V': a variant cannot be read", Fails<(int, Item, string)>(path), StringComparison.Ordinal);
        Assert.Contains("lists.parquet', column 'I': an INTERVAL (other than as byte[]) cannot be read", Fails<Interval>(path), StringComparison.Ordinal);
        Assert.Equal(12, Read<IntervalBytes>(path).Single().I.Length);
    }

    [Fact]
    public void What_is_refused_is_so_whatever_was_read_before()
    {
        SchemaElement[] columns = [Leaf("A", PhysicalType.Int32), Leaf("B", PhysicalType.Bytes, Repetition.Optional, new(LogicalKind.Text))];
        string Of(LogicalKind kind) => Write(
            [Group("V", Repetition.Required, 2, kind), .. columns], 1, Plain([7], null, null), [new Page(1, PageEncoding.Plain, [], Def: [0])]);
        Assert.Equal(new Item(7), Read<Variant>(Of(LogicalKind.None)).Single().V);
        Assert.Contains("column 'V': a variant cannot be read", Fails<Variant>(Of(LogicalKind.Variant)), StringComparison.Ordinal);
    }

    public sealed record Variant(Item V);

    public sealed record Interval(TimeSpan I);

    public sealed record IntervalBytes(byte[] I);

    private static string Text(IEnumerable<int?>? list) =>
        list is null ? "(null)" : string.Join(',', list.Select(static item => item?.ToString() ?? "null"));

    private static Page[] Plain(int[] values, int[]? rep, int[]? def) =>
        [new Page(def?.Length ?? values.Length, PageEncoding.Plain, [.. values.SelectMany(BitConverter.GetBytes)], rep, def)];

    private static string Fails<T>(string path) => Assert.Throws<InvalidDataException>(() => Read<T>(path)).Message;

    private string Write(SchemaElement[] schema, int rows, params Page[][] columns) =>
        _folder.Write("lists.parquet", Build(schema, Top(schema), rows, None, columns));

    // How many lines of a schema are at its top: those that no group counts.
    private static int Top(SchemaElement[] schema)
    {
        var top = 0;
        for (var at = 0; at < schema.Length; top++)
        {
            for (var left = 1; left > 0; at++)
            {
                left += schema[at].Children - 1;
            }
        }

        return top;
    }
}
