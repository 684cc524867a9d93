using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Formats.Parquet.Pages;

internal enum PageKind
{
    Data = 0,
    Index = 1,
    Dictionary = 2,
    DataV2 = 3,
}

internal enum PageEncoding
{
    Plain = 0,
    PlainDictionary = 2,
    Rle = 3,
    BitPacked = 4,
    DeltaBinaryPacked = 5,
    DeltaLengthByteArray = 6,
    DeltaByteArray = 7,
    RleDictionary = 8,
    ByteStreamSplit = 9,
}

/// <summary>What stands before each page.</summary>
/// <param name="Size">Bytes of the page when it is not compressed.</param>
/// <param name="Stored">Bytes of the page in the file.</param>
/// <param name="Count">Values and nulls.</param>
internal readonly record struct PageHeader(
    PageKind Kind, int Size, int Stored, uint? Checksum, int Count, PageEncoding Encoding,
    PageEncoding RepEncoding, PageEncoding DefEncoding, int RepBytes, int DefBytes, bool IsCompressed)
{
    public static PageHeader Read(ref ThriftReader reader)
    {
        var header = new PageHeader { IsCompressed = true, Count = -1, Size = -1, Stored = -1 };
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            switch (field)
            {
                case 1:
                    header = header with { Kind = (PageKind)reader.Int32(type) };
                    break;
                case 2:
                    header = header with { Size = reader.Int32(type) };
                    break;
                case 3:
                    header = header with { Stored = reader.Int32(type) };
                    break;
                case 4:
                    header = header with { Checksum = (uint)reader.Int32(type) };
                    break;
                case 5 or 7 or 8:
                    reader.Expect(type, ThriftType.Struct);
                    header = field == 8 ? V2(ref reader, header) : V1(ref reader, header);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        var isCounted = header.Kind is PageKind.Data or PageKind.DataV2 or PageKind.Dictionary;
        return header.Size >= 0 && header.Stored >= 0 && (header.Count >= 0 || !isCounted)
            && header.RepBytes >= 0 && header.DefBytes >= 0
            && (long)header.RepBytes + header.DefBytes <= Math.Min(header.Size, header.Stored)
            ? header
            : throw new InvalidDataException($"expected a page header with sizes and counts that fit, found {header}");
    }

    // A dictionary's header has the first two fields of a data page's.
    private static PageHeader V1(ref ThriftReader reader, PageHeader header)
    {
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            switch (field)
            {
                case 1:
                    header = header with { Count = reader.Int32(type) };
                    break;
                case 2:
                    header = header with { Encoding = (PageEncoding)reader.Int32(type) };
                    break;
                case 3 when type == ThriftType.Int32:
                    header = header with { DefEncoding = (PageEncoding)reader.Int32(type) };
                    break;
                case 4 when type == ThriftType.Int32:
                    header = header with { RepEncoding = (PageEncoding)reader.Int32(type) };
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return header;
    }

    private static PageHeader V2(ref ThriftReader reader, PageHeader header)
    {
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            switch (field)
            {
                case 1:
                    header = header with { Count = reader.Int32(type) };
                    break;
                case 4:
                    header = header with { Encoding = (PageEncoding)reader.Int32(type) };
                    break;
                case 5:
                    header = header with { DefBytes = reader.Int32(type) };
                    break;
                case 6:
                    header = header with { RepBytes = reader.Int32(type) };
                    break;
                case 7:
                    header = header with { IsCompressed = reader.Bool(type) };
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return header;
    }
}
