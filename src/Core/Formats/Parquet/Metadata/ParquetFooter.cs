using System.Buffers.Binary;
using System.Text;

namespace MicroSpark.Formats.Parquet.Metadata;

/// <summary>What a file's footer says: its columns as a tree, and where the row groups have them.</summary>
internal sealed record ParquetFooter(ParquetStructNode Root, ParquetRowGroup[] RowGroups)
{
    private const int TailBytes = 8;
    private const int LeastBytes = 12;

    private delegate TItem ReadItem<TItem>(ref ThriftReader reader);

    /// <exception cref="InvalidDataException">The file is no whole Parquet file, or its footer is encrypted.</exception>
    public static ParquetFooter Read(ParquetInput input)
    {
        try
        {
            var length = input.File.Length;
            if (length < LeastBytes)
            {
                throw new InvalidDataException($"expected at least {LeastBytes} bytes, found {length}");
            }

            var tail = input.Read(length - TailBytes, TailBytes).Span;
            var magic = Encoding.Latin1.GetString(tail[4..]);
            if (magic == "PARE")
            {
                throw ParquetErrors.Unsupported(input.File.Path, "an encrypted footer");
            }

            var size = BinaryPrimitives.ReadUInt32LittleEndian(tail);
            return magic != "PAR1"
                ? throw new InvalidDataException($"expected 'PAR1' in its last four bytes, found {Convert.ToHexString(tail[4..])}")
                : size > length - LeastBytes
                ? throw new InvalidDataException($"expected a footer of at most {length - LeastBytes} bytes, found {size}")
                : Parse(input.Read(length - TailBytes - size, (int)size).Span);
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException
            && !e.Message.Contains(input.File.Path, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"'{input.File.Path}' is no whole Parquet file: {e.Message}. Was it cut off, or is it another format?", e);
        }
    }

    private static ParquetFooter Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ThriftReader(bytes);
        ParquetStructNode? root = null;
        ParquetRowGroup[]? groups = null;
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            switch (field)
            {
                case 2:
                    root = ParquetTree.Of(Items(ref reader, SchemaElement.Read));
                    break;
                case 4:
                    groups = Items(ref reader, Group);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return root is null || groups is null
            ? throw new InvalidDataException("expected a schema and a list of row groups in its footer, found none")
            : Array.Find(groups, group => group.Chunks.Length != root.Leaves) is { } odd
            ? throw new InvalidDataException($"expected {root.Leaves} columns in each row group, found {odd.Chunks.Length}")
            : new ParquetFooter(root, groups);
    }

    // An item may be much larger than the byte that it has in the file at least: room is made as items come.
    private static TItem[] Items<TItem>(ref ThriftReader reader, ReadItem<TItem> read)
    {
        var items = new List<TItem>();
        for (var left = reader.List(ThriftType.Struct); left > 0; left--)
        {
            items.Add(read(ref reader));
        }

        return [.. items];
    }

    private static ParquetRowGroup Group(ref ThriftReader reader)
    {
        ParquetChunk[]? chunks = null;
        long? rows = null;
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            switch (field)
            {
                case 1:
                    chunks = Items(ref reader, ParquetChunk.Read);
                    break;
                case 3:
                    rows = reader.Int64(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return chunks is not null && rows >= 0
            ? new ParquetRowGroup(rows.Value, chunks)
            : throw new InvalidDataException("expected a row group with columns and a count of rows, found one without");
    }
}

/// <summary>The columns of some rows, each one contiguous stretch of the file.</summary>
internal sealed record ParquetRowGroup(long Rows, ParquetChunk[] Chunks);

/// <summary>Where a column's pages of one row group are.</summary>
/// <param name="Codec">As the format numbers them; see <see cref="Pages.PageCodec" />.</param>
/// <param name="Values">Values and nulls of all its pages.</param>
/// <param name="Start">The first page's place in the file, a dictionary's if there is one.</param>
/// <param name="Bytes">How long its pages are together. Some writers leave out the dictionary: a hint.</param>
/// <param name="Feature">What keeps it from being read, by name.</param>
internal sealed record ParquetChunk(PhysicalType Type, int Codec, long Values, long Start, long Bytes, string? Feature)
{
    public static ParquetChunk Read(ref ThriftReader reader)
    {
        ParquetChunk? chunk = null;
        string? feature = null;
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            switch (field)
            {
                case 1:
                    feature = $"a column in another file ('{reader.Text(type)}')";
                    break;
                case 3:
                    reader.Expect(type, ThriftType.Struct);
                    chunk = Metadata(ref reader);
                    break;
                case 8 or 9:
                    feature = "an encrypted column";
                    reader.Skip(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return chunk is not null ? chunk with { Feature = feature }
            : feature is not null ? new ParquetChunk(default, 0, 0, 0, 0, feature)
            : throw new InvalidDataException("expected a column's metadata, found none");
    }

    private static ParquetChunk Metadata(ref ThriftReader reader)
    {
        int? physical = null;
        var codec = 0;
        long? values = null;
        long bytes = 0, dictionary = 0;
        long? data = null;
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            switch (field)
            {
                case 1:
                    physical = reader.Int32(type);
                    break;
                case 4:
                    codec = reader.Int32(type);
                    break;
                case 5:
                    values = reader.Int64(type);
                    break;
                case 7:
                    bytes = reader.Int64(type);
                    break;
                case 9:
                    data = reader.Int64(type);
                    break;
                case 11:
                    dictionary = reader.Int64(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        // Some writers say 0 for a dictionary that is not there, where the file's first bytes are.
        return physical is not null && values >= 0 && data is not null
            ? new ParquetChunk(
                (PhysicalType)physical, codec, values.Value, dictionary > 0 ? Math.Min(dictionary, data.Value) : data.Value, bytes, null)
            : throw new InvalidDataException("expected a column with a type, a count of values and a place, found one without");
    }
}
