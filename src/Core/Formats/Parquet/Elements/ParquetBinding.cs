using System.Collections.Concurrent;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>
/// How elements are made from columns. Not by a library's serializer: those know classes with setters only, and their caches keep every
/// type, and with it a shipped assembly, for ever.
/// </summary>
internal sealed class ParquetBinding<T>(RecordShape shape)
{
    private static ParquetBinding<T>? s_instance;

    // One for each form that files have; usually there is one.
    private readonly ConcurrentDictionary<string, (ParquetFill<T> Fill, BoundColumn[] Columns)> _compiled = new();
    private readonly RecordMember[] _members = [.. shape.Members.Where(static m => m.IsRead)];

    /// <exception cref="ArgumentException">The type cannot be read from a Parquet file; the message names the member.</exception>
    public static ParquetBinding<T> Instance => s_instance ??= Create();

    /// <summary>The loop for a file, and the columns that it reads there: by their places in a row group.</summary>
    /// <exception cref="InvalidDataException">The file's columns are not what the element needs.</exception>
    public (ParquetFill<T> Fill, BoundColumn[] Columns, ParquetLeafNode[] Leaves) For(ParquetStructNode root, string file)
    {
        var nodes = ParquetBinder.Match(shape, _members, root, file);
        var first = Array.TrueForAll(nodes, static node => node is null) ? root.Signature : "";
        var key = string.Join(';', nodes.Select(static node => node?.Signature)) + first;
        if (!_compiled.TryGetValue(key, out var compiled))
        {
            var binder = new ParquetBinder(file);
            var element = binder.Bind(shape, _members, nodes, root);
            compiled = _compiled.GetOrAdd(key, (ParquetCompiler.Compile<T>(element, binder.Columns, file), binder.Columns));
        }

        return (compiled.Fill, compiled.Columns, Array.ConvertAll(
            compiled.Columns, column => LeafAt(column.Member < 0 ? root : nodes[column.Member]!, column)));
    }

    private static ParquetLeafNode LeafAt(ParquetNode node, BoundColumn column)
    {
        var index = node.FirstLeaf + column.Offset;
        while (node is not ParquetLeafNode)
        {
            node = node is ParquetListNode list
                ? list.Item
                : Array.Find(((ParquetStructNode)node).Children, child => index < child.FirstLeaf + child.Leaves)!;
        }

        return (ParquetLeafNode)node;
    }

    private static ParquetBinding<T> Create()
    {
        ParquetTypes.Check(typeof(T), "ParquetFile", "read", isRead: true);
        return new ParquetBinding<T>(RecordShape.Of(typeof(T), "ParquetFile"));
    }
}
