using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>What of a file a part of an element is made from.</summary>
/// <param name="Columns">The places of the columns that it reads, among those of the element.</param>
internal abstract record BoundNode(ParquetNode Node, Nullness Declared, int[] Columns)
{
    public Type Type => Declared.Type;

    /// <summary>The column that tells whether it is null, and how long it is.</summary>
    public int Levels => Columns[0];
}

internal sealed record BoundLeaf(ParquetLeafNode Leaf, Nullness Declared, int Column) : BoundNode(Leaf, Declared, [Column]);

/// <param name="Members">By ordinal of the member; null for one that the file lacks.</param>
internal sealed record BoundStruct(ParquetStructNode Struct, Nullness Declared, int[] Columns, RecordShape Shape, BoundNode?[] Members)
    : BoundNode(Struct, Declared, Columns);

internal sealed record BoundList(ParquetListNode List, Nullness Declared, BoundNode Item) : BoundNode(List, Declared, Item.Columns);

internal sealed record BoundMap(ParquetListNode List, Nullness Declared, BoundNode Key, BoundNode Value)
    : BoundNode(List, Declared, [.. Key.Columns, .. Value.Columns]);

/// <summary>A column that is read.</summary>
/// <param name="Leaf">As the file that was bound first has it; another file's is at the same <see cref="Offset"/>.</param>
/// <param name="Member">The place of the top-level member that it is part of, among those that are read; -1 for the file's first column, if
/// no member is.</param>
/// <param name="Offset">Its place among the columns of that member.</param>
/// <param name="Source">How its values are read; null if only its levels are.</param>
internal sealed record BoundColumn(ParquetLeafNode Leaf, int Member, int Offset, ColumnSource? Source);

/// <summary>How a column's values are read.</summary>
internal abstract record ColumnSource(Type ValueType)
{
    public abstract ParquetColumn Open(ParquetInput input, int group, ParquetChunk chunk, ParquetLeafNode leaf, long longest);
}

/// <param name="DecoderOf">See <see cref="ParquetColumn{V}"/>; called with the leaf and the longest value.</param>
internal sealed record ColumnSource<V>(Func<ParquetLeafNode, long, PageEncoding, ValueDecoder<V>?> DecoderOf) : ColumnSource(typeof(V))
{
    public override ParquetColumn Open(ParquetInput input, int group, ParquetChunk chunk, ParquetLeafNode leaf, long longest) =>
        new ParquetColumn<V>(input, group, chunk, leaf, longest, encoding => DecoderOf(leaf, longest, encoding));
}
