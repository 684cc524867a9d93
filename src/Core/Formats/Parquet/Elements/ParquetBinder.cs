using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>Finds, for an element type and all that it holds, the columns of a file that it is made from.</summary>
internal sealed class ParquetBinder(string file)
{
    private readonly List<BoundColumn> _columns = [];
    private int _member = -1;
    private int _firstLeaf;

    /// <summary>In the order in which <see cref="BoundNode"/> counts them.</summary>
    public BoundColumn[] Columns => [.. _columns];

    /// <exception cref="InvalidDataException">The file lacks a column, or has one that is something else.</exception>
    public BoundStruct Bind(RecordShape shape, RecordMember[] members, ParquetNode?[] nodes, ParquetStructNode root)
    {
        var bound = new BoundNode?[shape.Members.Count];
        for (var i = 0; i < members.Length; i++)
        {
            if (nodes[i] is { } node)
            {
                (_member, _firstLeaf) = (i, node.FirstLeaf);
                bound[members[i].Ordinal] = Bind(node, Nullness.Of(members[i], shape.IsTuple));
            }
        }

        // Somebody must say how many rows there are.
        (_member, _firstLeaf) = (-1, 0);
        var columns = ColumnsOf(bound, root);
        return new BoundStruct(root, new Nullness(shape.Type, null), columns, shape, bound);
    }

    /// <summary>The node of each member, by the name of its column or, for tuples, by its place; null where the file has none.</summary>
    public static ParquetNode?[] Match(RecordShape shape, RecordMember[] members, ParquetStructNode node, string file)
    {
        var place = node.Path == ParquetPath.Root ? file : $"{file}', column '{node.Path}";
        if (shape.IsTuple && members.Length > node.Children.Length)
        {
            throw new InvalidDataException(
                $"'{place}' has {node.Children.Length} columns, and the tuple {members.Length} items, which go by position.");
        }

        var columns = RecordColumns.Match(members, shape.IsTuple, [.. node.Children.Select(static child => child.Name)], place);
        return Array.ConvertAll(members, member => columns[member.Ordinal] is >= 0 and var column ? node.Children[column] : null);
    }

    private BoundNode Bind(ParquetNode node, Nullness declared)
    {
        var type = Nullable.GetUnderlyingType(declared.Type) ?? declared.Type;
        if (node is ParquetStructNode { Feature: { } feature })
        {
            throw ParquetErrors.Unsupported(file, feature, node.Path);
        }

        return (node, ParquetTypes.PairOf(type), ParquetTypes.ItemOf(type)) switch
        {
            (ParquetListNode { IsMap: true, Item: ParquetStructNode { Children: [var key, var value] } } map, { } pair, _) => new BoundMap(
                map, declared, Bind(key, declared.Of(pair.Key, 0) with { Info = null }), Bind(value, declared.Of(pair.Value, 1))),
            (ParquetListNode list, null, { } item) => new BoundList(list, declared, Bind(list.Item, declared.Of(item, 0))),
            (ParquetLeafNode leaf, _, _) when ParquetTypes.IsColumn(type) => Leaf(leaf, declared, type),
            (ParquetStructNode group, null, null) when !ParquetTypes.IsColumn(type) => Struct(group, declared, type),
            _ => throw Wrong(node, type),
        };
    }

    private BoundStruct Struct(ParquetStructNode node, Nullness declared, Type type)
    {
        var shape = RecordShape.Of(type, "ParquetFile");
        RecordMember[] members = [.. shape.Members.Where(static m => m.IsRead)];
        var nodes = Match(shape, members, node, file);
        var bound = new BoundNode?[shape.Members.Count];
        for (var i = 0; i < members.Length; i++)
        {
            bound[members[i].Ordinal] = nodes[i] is { } child ? Bind(child, Nullness.Of(members[i], shape.IsTuple)) : null;
        }

        return new BoundStruct(node, declared, ColumnsOf(bound, node), shape, bound);
    }

    private BoundLeaf Leaf(ParquetLeafNode leaf, Nullness declared, Type type) =>
        new(leaf, declared, Add(leaf, ColumnSources.Of(leaf, type, file)));

    // A struct of which no column is asked for still is there or not.
    private int[] ColumnsOf(BoundNode?[] members, ParquetStructNode node)
    {
        int[] columns = [.. members.SelectMany(static member => member?.Columns ?? [])];
        return columns.Length > 0 || node.Leaves == 0 ? columns : [Add(node.LevelLeaf, null)];
    }

    private int Add(ParquetLeafNode leaf, ColumnSource? source)
    {
        _columns.Add(new BoundColumn(leaf, _member, leaf.FirstLeaf - _firstLeaf, source));
        return _columns.Count - 1;
    }

    private InvalidDataException Wrong(ParquetNode node, Type type)
    {
        var expected = ParquetTypes.PairOf(type) is not null ? "a map"
            : ParquetTypes.ItemOf(type) is { } item ? $"a list of {item.Name}"
            : type.Name;
        var found = node switch
        {
            ParquetListNode { IsMap: true } => "a map",
            ParquetListNode => "a list",
            ParquetStructNode => "a group of columns",
            _ => $"a column of {((ParquetLeafNode)node).Type}",
        };
        return new(
            $"'{file}', column '{node.Path}': expected {expected}, found {found}. Leave the member out, or give it the type of the "
            + "column.");
    }
}
