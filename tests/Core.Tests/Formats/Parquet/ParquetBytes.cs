using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4;
using MicroSpark.Files;
using MicroSpark.Formats.Parquet;
using MicroSpark.Formats.Parquet.Elements;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using Snappier;
using ZstdSharp;

namespace MicroSpark.Tests.Formats.Parquet;

/// <summary>A page as some writer may have made it.</summary>
/// <param name="Rep">Repetition levels; null when the column has none.</param>
/// <param name="Def">Definition levels; null when the column has none.</param>
internal sealed record Page(int Count, PageEncoding Encoding, byte[] Values, int[]? Rep = null, int[]? Def = null)
{
    public bool IsDictionary { get; init; }

    public bool IsV2 { get; init; }

    /// <summary>What the header says instead of the checksum that fits; null to say none.</summary>
    public uint? Checksum { get; init; }
}

/// <summary>
/// Files made by hand, byte by byte and not by the writer of the source: each part of the format that some other writer uses is here, and
/// each can be wrong.
/// </summary>
internal static class ParquetBytes
{
    public const int None = 0, SnappyCodec = 1, Gzip = 2, Brotli = 4, Hadoop = 5, Zstd = 6, Lz4Raw = 7;

    public static SchemaElement Leaf(
        string name, PhysicalType type, Repetition repetition = Repetition.Required, LogicalType logical = default, int length = 0) =>
        new(name, type, length, repetition, 0, logical);

    public static SchemaElement Group(string name, Repetition repetition, int children, LogicalKind kind = LogicalKind.None) =>
        new(name, null, 0, repetition, children, new LogicalType(kind));

    /// <summary>A file with one row group.</summary>
    /// <param name="schema">Without its root.</param>
    /// <param name="top">How many of them are at the top.</param>
    public static byte[] Build(SchemaElement[] schema, int top, long rows, int codec, params Page[][] columns)
    {
        using var file = new MemoryStream();
        file.Write("PAR1"u8);
        var leaves = new List<(SchemaElement Element, int Rep, int Def)>();
        var at = 0;
        while (at < schema.Length)
        {
            Walk(schema, ref at, 0, 0, leaves);
        }

        var footer = new ThriftWriter();
        footer.Begin();
        footer.Int32(1, 1);
        footer.List(2, ThriftType.Struct, schema.Length + 1);
        Group("schema", Repetition.Required, top).Write(footer);
        foreach (var element in schema)
        {
            element.Write(footer);
        }

        footer.Int64(3, rows);
        footer.List(4, ThriftType.Struct, 1);
        footer.Begin();
        footer.List(1, ThriftType.Struct, columns.Length);
        for (var i = 0; i < columns.Length; i++)
        {
            var start = file.Position;
            var data = start;
            foreach (var page in columns[i])
            {
                Write(file, page, codec, leaves[i].Rep, leaves[i].Def);
                data = page.IsDictionary ? file.Position : data;
            }

            footer.Begin();
            footer.Int64(2, start);
            footer.Begin(3);
            footer.Int32(1, (int)leaves[i].Element.Type!);
            footer.Int32(4, codec);
            footer.Int64(5, columns[i].Where(static page => !page.IsDictionary).Sum(static page => page.Count));
            footer.Int64(7, file.Position - start);
            footer.Int64(9, data);
            if (data != start)
            {
                footer.Int64(11, start);
            }

            footer.End();
            footer.End();
        }

        footer.Int64(3, rows);
        footer.End();
        footer.End();
        return WithFooter(file.ToArray(), footer.Written);
    }

    public static byte[] WithFooter(byte[] pages, ReadOnlySpan<byte> footer)
    {
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, footer.Length);
        return [.. pages, .. footer, .. size, .. "PAR1"u8];
    }

    /// <summary>All rows of a file.</summary>
    public static List<T> Read<T>(string path, int most = int.MaxValue, long longest = 256 << 20)
    {
        var rows = new List<T>();
        foreach (var split in ParquetSplit.Plan([LocalFileSystem.Instance.Stat(path)!.Value]))
        {
            using var reader = new ParquetRows<T>(split, CancellationToken.None, longest);
            while (rows.Count < most && reader.Next(int.MaxValue, out var run))
            {
                rows.AddRange(run);
            }
        }

        return rows;
    }

    /// <summary>Levels or places as packed bits, behind the length that they have in some places.</summary>
    public static byte[] Hybrid(int[] values, int width, bool withLength)
    {
        var groups = (values.Length + 7) / 8;
        var bits = new System.Collections.BitArray(groups * 8 * width);
        for (var i = 0; i < values.Length * width; i++)
        {
            bits[i] = ((values[i / width] >> (i % width)) & 1) != 0;
        }

        var packed = new byte[groups * width];
        bits.CopyTo(packed, 0);
        byte[] all = [.. Varint((ulong)((groups << 1) | 1)), .. packed];
        return withLength ? [.. BitConverter.GetBytes(all.Length), .. all] : all;
    }

    /// <summary>Differences: blocks of 128 in four parts, as the format's text describes it.</summary>
    public static byte[] Delta(long[] values)
    {
        const int Block = 128, Minis = 4, Mini = Block / Minis;
        static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));
        List<byte> all = [.. Varint(Block), .. Varint(Minis), .. Varint((ulong)values.Length), .. Varint(Zigzag(values.FirstOrDefault()))];
        var deltas = values.Skip(1).Zip(values, static (next, value) => unchecked(next - value)).ToArray();
        foreach (var block in deltas.Chunk(Block))
        {
            var least = block.Min();
            all.AddRange(Varint(Zigzag(least)));
            var minis = block.Chunk(Mini).Select(mini => mini.Select(delta => unchecked((ulong)(delta - least))).ToArray()).ToArray();
            var widths = minis.Select(static mini => 64 - System.Numerics.BitOperations.LeadingZeroCount(mini.Max())).ToArray();
            all.AddRange(Enumerable.Range(0, Minis).Select(i => (byte)widths.ElementAtOrDefault(i)));
            foreach (var (mini, width) in minis.Zip(widths))
            {
                var bits = new System.Collections.BitArray(Mini * width);
                for (var i = 0; i < mini.Length * width; i++)
                {
                    bits[i] = ((mini[i / width] >> (i % width)) & 1) != 0;
                }

                var packed = new byte[Mini * width / 8];
                bits.CopyTo(packed, 0);
                all.AddRange(packed);
            }
        }

        return [.. all];
    }

    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value > 127; value >>= 7)
        {
            bytes.Add((byte)(value | 128));
        }

        return [.. bytes, (byte)value];
    }

    private static void Write(MemoryStream file, Page page, int codec, int mostRep, int mostDef)
    {
        var rep = Levels(page.Rep, mostRep, !page.IsV2);
        var def = Levels(page.Def, mostDef, !page.IsV2);
        var plain = page.IsV2 ? page.Values : (byte[])[.. rep, .. def, .. page.Values];
        var stored = Compress(plain, codec);
        var body = page.IsV2 ? [.. rep, .. def, .. stored] : stored;
        var header = new ThriftWriter();
        header.Begin();
        header.Int32(1, (int)(page.IsDictionary ? PageKind.Dictionary : page.IsV2 ? PageKind.DataV2 : PageKind.Data));
        header.Int32(2, plain.Length + (page.IsV2 ? rep.Length + def.Length : 0));
        header.Int32(3, body.Length);
        if (page.Checksum is { } checksum)
        {
            header.Int32(4, (int)checksum);
        }

        header.Begin(page.IsDictionary ? 7 : page.IsV2 ? 8 : 5);
        header.Int32(1, page.Count);
        if (page.IsV2)
        {
            header.Int32(2, 0);
            header.Int32(3, page.Count);
            header.Int32(4, (int)page.Encoding);
            header.Int32(5, def.Length);
            header.Int32(6, rep.Length);
        }
        else
        {
            header.Int32(2, (int)page.Encoding);
            header.Int32(3, (int)PageEncoding.Rle);
            header.Int32(4, (int)PageEncoding.Rle);
        }

        header.End();
        header.End();
        file.Write(header.Written);
        file.Write(body);
    }

    private static byte[] Levels(int[]? levels, int most, bool withLength) =>
        levels is null ? [] : Hybrid(levels, HybridReader.WidthOf(most), withLength);

    // Each column with the highest levels that it can have.
    private static void Walk(SchemaElement[] schema, ref int at, int rep, int def, List<(SchemaElement, int, int)> leaves)
    {
        var element = schema[at++];
        def += element.Repetition == Repetition.Required ? 0 : 1;
        rep += element.Repetition == Repetition.Repeated ? 1 : 0;
        if (element.Type is not null)
        {
            leaves.Add((element, rep, def));
        }

        for (var i = 0; i < element.Children; i++)
        {
            Walk(schema, ref at, rep, def, leaves);
        }
    }

    private static byte[] Compress(byte[] plain, int codec)
    {
        switch (codec)
        {
            case SnappyCodec:
                return Snappy.CompressToArray(plain);
            case Gzip:
                // Two members, as some writers have it.
                return [.. Zipped(plain[..(plain.Length / 2)]), .. Zipped(plain[(plain.Length / 2)..])];
            case Brotli:
                var brotli = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
                Assert.True(BrotliEncoder.TryCompress(plain, brotli, out var written));
                return brotli[..written];
            case Zstd:
                using (var compressor = new Compressor())
                {
                    return compressor.Wrap(plain).ToArray();
                }

            case Lz4Raw or Hadoop:
                var block = new byte[LZ4Codec.MaximumOutputSize(plain.Length)];
                block = block[..LZ4Codec.Encode(plain, block)];
                var lengths = new byte[8];
                BinaryPrimitives.WriteInt32BigEndian(lengths, plain.Length);
                BinaryPrimitives.WriteInt32BigEndian(lengths.AsSpan(4), block.Length);
                return codec == Lz4Raw ? block : [.. lengths, .. block];
            default:
                return plain;
        }
    }

    private static byte[] Zipped(byte[] plain)
    {
        using var all = new MemoryStream();
        using (var zip = new GZipStream(all, CompressionMode.Compress))
        {
            zip.Write(plain);
        }

        return all.ToArray();
    }
}
