namespace MicroSpark.Formats.Parquet.Metadata;

/// <summary>
/// Makes the tree of columns from the footer's lines. Lists have been written in five ways; the format's rules for old files are kept
/// (LogicalTypes.md, "Backward-compatibility rules"). The names of the helper groups say nothing, but for <c>array</c> and
/// <c>_tuple</c>.
/// </summary>
internal sealed class ParquetTree
{
    // A level fits a byte with room, and so does the stack that walks the tree.
    private const int Deepest = 60;
    private readonly SchemaElement[] _elements;
    private int _next;
    private int _leaf;
    private int _promised;

    private ParquetTree(SchemaElement[] elements) => _elements = elements;

    /// <exception cref="InvalidDataException">The lines make no tree.</exception>
    public static ParquetStructNode Of(SchemaElement[] elements)
    {
        if (elements.Length == 0)
        {
            throw new InvalidDataException("expected a schema with a root, found an empty one");
        }

        var tree = new ParquetTree(elements) { _next = 1 };
        var children = tree.Children(elements[0], ParquetPath.Root, 0, 0, 0);
        return tree._next == elements.Length
            ? new ParquetStructNode("", ParquetPath.Root, false, 0, 0, children) { Leaves = tree._leaf }
            : throw new InvalidDataException($"expected {tree._next} columns and groups in the schema, found {elements.Length}");
    }

    private ParquetNode[] Children(SchemaElement group, ParquetPath path, int def, int rep, int depth)
    {
        CheckDepth(depth);

        // Each line but the root's is of one group: what groups within groups promise is not there twice.
        var left = _elements.Length - 1 - _promised;
        if (group.Children > left)
        {
            throw new InvalidDataException($"expected {group.Children} columns in the group '{group.Name}', found {left}");
        }

        _promised += group.Children;
        var children = new ParquetNode[group.Children];
        for (var i = 0; i < children.Length; i++)
        {
            children[i] = Node(path, def, rep, depth + 1);
        }

        return children;
    }

    private ParquetNode Node(ParquetPath parent, int def, int rep, int depth)
    {
        if (_next == _elements.Length)
        {
            throw new InvalidDataException("expected another column in the schema, found its end");
        }

        var element = _elements[_next++];
        var path = new ParquetPath(parent, element.Name);
        var first = _leaf;
        var node = element.Repetition == Repetition.Repeated
            ? new ParquetListNode(
                element.Name, path, false, def, rep, def + 1, rep + 1, Body(element, path, false, def + 1, rep + 1, depth))
            : Body(element, path, element.Repetition == Repetition.Optional,
                element.Repetition == Repetition.Optional ? def + 1 : def, rep, depth);
        return node with { FirstLeaf = first, Leaves = _leaf - first };
    }

    private ParquetNode Body(SchemaElement element, ParquetPath path, bool isOptional, int def, int rep, int depth)
    {
        var first = _leaf;
        if (element.Children == 0 && element.Type is { } type)
        {
            _leaf++;
            return new ParquetLeafNode(element.Name, path, isOptional, def, rep, type, element.Length, element.Logical)
            {
                FirstLeaf = first,
            };
        }

        ParquetNode node = element.Logical.Kind is LogicalKind.List or LogicalKind.Map && element.Children == 1
            && _next < _elements.Length && _elements[_next].Repetition == Repetition.Repeated
            ? Repeated(element, path, isOptional, def, rep, depth)
            : new ParquetStructNode(element.Name, path, isOptional, def, rep, Children(element, path, def, rep, depth))
            {
                Feature = element.Logical.Kind == LogicalKind.Variant ? "a variant" : null,
            };
        return node is ParquetStructNode && _leaf == first
            ? (ParquetStructNode)node with { FirstLeaf = first, Leaves = 0, Feature = "a group without columns" }
            : node with { FirstLeaf = first, Leaves = _leaf - first };
    }

    /// <summary>A group that says it is a list or a map, at its one repeated child.</summary>
    private ParquetListNode Repeated(SchemaElement element, ParquetPath path, bool isOptional, int def, int rep, int depth)
    {
        CheckDepth(depth);
        var repeated = _elements[_next++];
        _promised++;
        var inner = new ParquetPath(path, repeated.Name);
        var first = _leaf;
        var isMap = element.Logical.Kind == LogicalKind.Map;
        ParquetNode item;
        if (repeated.Children != 1 || isMap || IsItem(element, repeated))
        {
            item = Body(repeated, inner, false, def + 1, rep + 1, depth + 1);
        }
        else
        {
            item = Children(repeated, inner, def + 1, rep + 1, depth + 1)[0];
        }

        // A map without values is a set: its keys are a list.
        var pairs = isMap && item is ParquetStructNode { Children.Length: 2 };
        if (isMap && item is ParquetStructNode { Children: [var key] })
        {
            item = key;
        }

        return new ParquetListNode(
            element.Name, path, isOptional, def, rep, def + 1, rep + 1, item with { FirstLeaf = first, Leaves = _leaf - first })
        {
            IsMap = pairs,
        };
    }

    private static void CheckDepth(int depth)
    {
        if (depth > Deepest)
        {
            throw new InvalidDataException($"expected at most {Deepest} levels of nested columns, found more");
        }
    }

    // A repeated group with one child is the item itself only if it is named as old writers did, or its child repeats again.
    private bool IsItem(SchemaElement list, SchemaElement repeated) =>
        repeated.Name == "array" || repeated.Name == $"{list.Name}_tuple"
        || (_next < _elements.Length && _elements[_next].Repetition == Repetition.Repeated);
}
