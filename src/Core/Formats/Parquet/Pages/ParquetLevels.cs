using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>
/// A column of which only the levels are asked for: what of its values stands in the way of reading them does not matter.
/// </summary>
internal sealed class ParquetLevels(ParquetInput input, int group, ParquetChunk chunk, ParquetLeafNode leaf, long longest)
    : ParquetColumn(input, group, chunk, leaf, longest)
{
    protected override void OpenDictionary(ArraySegment<byte> page, int count)
    {
    }

    protected override void OpenPage(ArraySegment<byte> page, PageEncoding encoding)
    {
    }

    protected override int ReadValues(int count, ref long room) => count;

    protected override void DiscardValues(int count)
    {
    }
}
